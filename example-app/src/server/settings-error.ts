/**
 * A setting is wrong. The message is a whole sentence for whoever starts the app: it names the
 * variable, what is wrong and the cure. It is printed without a stack trace.
 */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}
