/** The id of a text, in a form that is safe in a path: `..` would lead out of it. */
const MESSAGE_ID = /^\w[\w.:-]{0,127}$/;

export function isMessageId(value: unknown): value is string {
  return typeof value === 'string' && MESSAGE_ID.test(value);
}
