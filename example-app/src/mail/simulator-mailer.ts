import { createTransport } from 'nodemailer';

import { MailError, type Mailer } from './mailer';

const FROM = 'Pebble Bank <bank@bank.example>';
const PATIENCE_MS = 5_000;

/** Makes each mail with nodemailer, as for a real server, and hands it to the simulator's mailbox. */
export function simulatorMailer(simulatorUrl: string): Mailer {
  const transport = createTransport({ jsonTransport: true });
  return {
    async send({ to, subject, text }) {
      const { message } = await transport.sendMail({
        from: FROM,
        to: { name: '', address: to },
        subject,
        text,
      });
      const made = JSON.parse(message) as {
        to: { address: string }[];
        subject: string;
        text: string;
      };
      const answer = await fetch(new URL('/mails', simulatorUrl), {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ to: made.to[0]?.address, subject: made.subject, text: made.text }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      await answer.body?.cancel();
      if (!answer.ok) throw new MailError(`SIMULATOR_${answer.status}`);
    },
  };
}
