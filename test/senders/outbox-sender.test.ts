import { outboxSender } from '../../lib/senders/outbox-sender';

const first = { to: '+12065550142', body: 'first' };
const second = { to: '+12065550143', body: 'second' };
const third = { to: '+12065550142', body: 'third' };

test('texts are kept oldest first and their receipts are numbered', async () => {
  const outbox = outboxSender();
  await expect(outbox.send(first)).resolves.toEqual({ id: 'outbox-1' });
  await expect(outbox.send(second)).resolves.toEqual({ id: 'outbox-2' });
  expect(outbox.messages).toEqual([first, second]);
});

test('last gives the newest text of all or of one number', async () => {
  const outbox = outboxSender();
  expect(outbox.last()).toBeUndefined();
  for (const message of [first, second, third]) await outbox.send(message);
  expect(outbox.last()).toEqual(third);
  expect(outbox.last('+12065550143')).toEqual(second);
  expect(outbox.last('12065550142')).toEqual(third);
  expect(outbox.last('+12065550199')).toBeUndefined();
});

test('clear forgets the texts and never names two of them the same', async () => {
  const outbox = outboxSender();
  await outbox.send(first);
  outbox.clear();
  expect(outbox.messages).toEqual([]);
  expect(outbox.last()).toBeUndefined();
  await expect(outbox.send(second)).resolves.toEqual({ id: 'outbox-2' });
});

test('what was handed out does not change the outbox', async () => {
  const outbox = outboxSender();
  const message = { ...first };
  await outbox.send(message);
  message.body = 'changed';
  (outbox.messages as unknown[]).length = 0;
  expect(outbox.messages).toEqual([first]);
});

test('each outbox is its own', async () => {
  await outboxSender().send(first);
  expect(outboxSender().messages).toEqual([]);
});
