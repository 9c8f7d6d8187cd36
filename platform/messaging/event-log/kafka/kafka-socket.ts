import { connect, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

const KEEP_ALIVE_MS = 60_000;
/** In Kafka's protocol the length of a response precedes it: https://kafka.apache.org/protocol#protocol_common */
const LENGTH_BYTES = 4;
const CORRELATION_ID_BYTES = 4;

/**
 * A connection to a broker on which each 'data' event is one whole response. Without it, kafkajs keeps the bytes of a
 * cut-off response and puts those of its next connection behind them. It then reads lengths from the middle of
 * responses, and throws where only the process can catch it.
 */
export const connectFramed: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const socket = ssl
    ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect)
    : connect({ host, port }, onConnect);
  return framed(socket.setKeepAlive(true, KEEP_ALIVE_MS));
};

function framed(socket: Socket): Socket {
  const emit = socket.emit.bind(socket) as (event: string, ...args: unknown[]) => boolean;
  let chunks: Buffer[] = [];
  let buffered = 0;
  let needed = LENGTH_BYTES;
  const take = (chunk: Buffer): void => {
    chunks.push(chunk);
    buffered += chunk.length;
    if (buffered < needed) return;
    let bytes = Buffer.concat(chunks, buffered);
    for (needed = LENGTH_BYTES; bytes.length >= needed; needed = LENGTH_BYTES) {
      const length = bytes.readInt32BE();
      if (length < CORRELATION_ID_BYTES) {
        socket.destroy(new Error(`Not a broker of Kafka: it sent a response of ${length} bytes`));
        return;
      }
      needed = LENGTH_BYTES + length;
      if (bytes.length < needed) break;
      emit('data', bytes.subarray(0, needed));
      bytes = bytes.subarray(needed);
    }
    chunks = [bytes];
    buffered = bytes.length;
  };
  socket.emit = (event: string, ...args: unknown[]): boolean => {
    if (event !== 'data') return emit(event, ...args);
    take(args[0] as Buffer);
    return true;
  };
  return socket;
}
