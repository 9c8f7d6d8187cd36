// The service worker of the demo page: it shows push messages, also while the page is closed.
self.addEventListener('push', (event) => {
  const { title, body, tag, language, ...data } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { body, tag, lang: language, data }));
});
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  // There is a link to the object only if the product has web pages (WEB_URL).
  event.waitUntil(self.clients.openWindow(event.notification.data.url ?? '/demo/'));
});
