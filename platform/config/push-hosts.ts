/** The push services of Chrome, Edge and Opera; Firefox; Safari; and Windows. */
export const PUSH_HOSTS: readonly string[] = [
  'fcm.googleapis.com',
  'updates.push.services.mozilla.com',
  '*.push.apple.com',
  '*.notify.windows.com',
];

/** An entry of PUSH_HOSTS: `push.example.org`, `*.push.example.org`, `push.example.org:8443`, `192.0.2.7`. */
export const PUSH_HOST = /^(\*\.)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::([1-9]\d{0,4}))?$/;

export const isPushHost = (entry: string): boolean => PUSH_HOST.test(entry);
