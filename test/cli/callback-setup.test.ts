import { createKeyring } from '../../lib/core/keyring';
import { carrierError } from '../flowroute/client-world';
import { account, closeServers, FROM, SECRET } from './account';
import { command, documents } from './terminal';

afterEach(closeServers);

const OWN = { PUBLIC_URL: 'https://bank.example/app/', SECOND_FACTOR_SECRET: SECRET };
const TOKEN = createKeyring([SECRET]).webhookTokens[0]!;

describe('callbacks', () => {
  test('are set for answers and receipts after a yes, and the token is not shown', async () => {
    const { env, callbacks } = await account();
    const { code, out, err } = await command(['callbacks', 'set'], {
      env: { ...env, ...OWN },
      input: ['y'],
    });
    expect(code).toBe(0);
    const address = `https://bank.example/app/webhooks/flowroute/${TOKEN}`;
    expect([...callbacks]).toEqual([
      ['sms', address],
      ['mms', address],
      ['sms_dlr', address],
      ['mms_dlr', address],
    ]);
    expect(out).toContain('https://bank.example/app/webhooks/flowroute/…');
    expect(out + err).not.toContain(TOKEN);
  });

  test('are not touched after a no', async () => {
    const { env, callbacks } = await account();
    const { code } = await command(['callbacks', 'set'], {
      env: { ...env, ...OWN },
      input: ['n'],
    });
    expect({ code, size: callbacks.size }).toEqual({ code: 1, size: 0 });
  });

  test('of one number are set for that number', async () => {
    const { env, callbacks, requests } = await account();
    const args = ['callbacks', 'set', '--yes', '--only-number', '--webhook-path', '/sms'];
    await command(args, { env: { ...env, ...OWN } });
    expect(callbacks.size).toBe(0);
    expect(requests.map(({ url }) => url)).toEqual([
      `/v2/numbers/${FROM}/relationships/sms_callback`,
      `/v2/numbers/${FROM}/relationships/mms_callback`,
      `/v2/numbers/${FROM}/relationships/sms_dlr_callback`,
      `/v2/numbers/${FROM}/relationships/mms_dlr_callback`,
    ]);
    expect(requests[0]!.body).toContain(`https://bank.example/app/sms/${TOKEN}`);
  });

  test('are shown without what may be a secret in them', async () => {
    const { env, callbacks } = await account();
    callbacks.set('sms', 'https://u:hunter1@other.example/hooks/hunter2/in?key=hunter3');
    callbacks.set('mms', `https://bank.example/app/webhooks/flowroute/${TOKEN}`);
    const { code, out } = await command(['callbacks', '--json'], { env: { ...env, ...OWN } });
    expect(code).toBe(0);
    expect(documents(out)).toEqual([
      { kind: 'sms', address: 'https://other.example/…', thisApp: false },
      { kind: 'mms', address: 'https://bank.example/app/webhooks/flowroute/…', thisApp: true },
      { kind: 'sms_dlr', thisApp: false },
      { kind: 'mms_dlr', thisApp: false },
    ]);
    const lines = await command(['callbacks', 'show'], { env: { ...env, ...OWN } });
    expect(lines.out).toContain('sms      https://other.example/…  (another)');
    expect(lines.out).toContain('sms_dlr  (not set)');
    // Where it is not known which are this app's, each may be another one's.
    const unknown = await command(['callbacks', 'show'], { env });
    expect(unknown.out).toContain('mms      https://bank.example/…\n');
    expect(out + lines.out + unknown.out).not.toMatch(/hunter\d/);
  });

  test('of an account without pictures are set for texts, and it is told what was not', async () => {
    const { env, callbacks } = await account({
      instead: (req, res) => {
        if (!req.url!.includes('/mms_')) return false;
        carrierError(404)(res, req);
        return true;
      },
    });
    const ended = await command(['callbacks', 'set', '--yes'], { env: { ...env, ...OWN } });
    expect(ended.code).toBe(1);
    expect([...callbacks.keys()]).toEqual(['sms', 'sms_dlr']);
    expect(ended.out).toContain('mms      not set');
    expect(ended.err).toContain('refused the request (404)');
  });

  test('are not tried on where the keys are wrong', async () => {
    const { env, requests } = await account({
      instead: (req, res) => {
        carrierError(401)(res, req);
        return true;
      },
    });
    const { code } = await command(['callbacks', 'set', '--yes'], { env: { ...env, ...OWN } });
    expect({ code, calls: requests.length }).toEqual({ code: 1, calls: 1 });
  });
});
