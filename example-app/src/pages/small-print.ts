import { html, type Html } from './html';
import { BANK, layout, type LINKS } from './layout';

/** What the second factor's pages link to before a phone is texted: carriers ask for the three. */
export const SMALL_PRINT = {
  terms: (username) =>
    prose(
      'Terms',
      username,
      html`<p>${BANK} is an example app. The money is not real, and nothing here is an offer.</p>
        <h2>Texts from us</h2>
        <p>
          If you add your mobile number, ${BANK} texts you codes: one each time you sign in, send
          money, or change your settings. We don't text ads. How many you get depends on how often
          you do that.
        </p>
        <p>
          Message and data rates may apply. Reply STOP to end the texts, HELP for help. Carriers are
          not liable for texts that come late or not at all.
        </p>`,
    ),
  privacy: (username) =>
    prose(
      'Privacy',
      username,
      html`<p>${BANK} keeps what it needs to run your account, and sells none of it.</p>
        <h2>What we keep</h2>
        <p>
          Your username, a hash of your password, your email if you gave one, your transfers, and
          your mobile number if you added one.
        </p>
        <h2>Your mobile number</h2>
        <p>
          We use it to text you codes and for nothing else. We don't sell it, and we don't share it
          with anyone but the carrier who delivers the text. Turn off two-step verification in your
          settings, and we take it off your account.
        </p>
        <h2>Cookies</h2>
        <p>
          One keeps you signed in. You choose whether to keep others, to remember this browser.
        </p>`,
    ),
  support: (username) =>
    prose(
      'Help',
      username,
      html`<h2>I don't get a text</h2>
        <p>
          Check that your phone is on and has a signal, then ask for the text again. If you replied
          STOP to us before, text UNSTOP to the number our texts came from.
        </p>
        <h2>I don't have my phone</h2>
        <p>
          Use one of your recovery codes. Then change your number in your settings, under two-step
          verification.
        </p>
        <h2>I don't have my phone or a recovery code</h2>
        <p>
          Contact us. We check who you are, then take your phone off your account so you can add a
          new one.
        </p>
        <h2>I got a code I didn't ask for</h2>
        <p>
          Someone may know your password. Don't share the code with anyone, and change your
          password. We never ask you for a code.
        </p>`,
    ),
} satisfies Record<keyof typeof LINKS, (username: string | undefined) => Html>;

function prose(title: string, username: string | undefined, text: Html): Html {
  return layout({ title, username, body: text, shape: 'narrow prose' });
}
