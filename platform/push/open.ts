import type { Config } from '../config/config.ts';
import { parseFrom } from '../mail/mail-sender.ts';
import { Fcm } from './fcm.ts';
import { type PushAddress, PushError, type PushMessage, type PushSender, type VapidKey } from './push-sender.ts';
import { vapidKeyOf } from '../config/vapid.ts';
import { WebPush } from './web-push.ts';

/** Push services by their HTTP protocols: browsers always, apps if a service account is configured. */
export function openPush({
  PUSH_HOSTS: hosts,
  VAPID_PRIVATE_KEY,
  FCM_SERVICE_ACCOUNT: account,
  MAIL_FROM,
}: Config): PushSender {
  const key = VAPID_PRIVATE_KEY === undefined ? undefined : vapidKeyOf(VAPID_PRIVATE_KEY);
  return pushSender({
    key,
    web: new WebPush({ hosts, subject: `mailto:${parseFrom(MAIL_FROM).address}` }),
    fcm: account && new Fcm({ account }),
  });
}

/** A sender for both kinds of devices. */
export function pushSender({
  key,
  web,
  fcm,
}: {
  readonly key?: VapidKey | undefined;
  readonly web: WebPush;
  readonly fcm?: Fcm | undefined;
}): PushSender {
  return {
    key,
    accepts: (to: PushAddress) => (to.kind === 'WEB' ? web.accepts(to) : fcm !== undefined),
    async send(to: PushAddress, message: PushMessage, vapid: VapidKey) {
      if (to.kind === 'WEB') return web.send(to, message, vapid);
      if (!fcm) throw new PushError('PUSH_REFUSED', 'FCM_SERVICE_ACCOUNT is missing');
      return fcm.send(to, message);
    },
    close: async () => web.close(),
  };
}
