import { metrics } from '@opentelemetry/api';
import { startMetrics } from '../../example-app/src/web/metrics';
import { METRICS } from '../../lib/telemetry';
import { enroll, startBank } from './bank';

afterEach(() => metrics.disable());

test('[S212] the bank serves Prometheus what was counted, under the names of the dashboard, and nobody is in it', async () => {
  const bank = await startBank({ metrics: startMetrics() });
  await enroll(bank, bank.agent(), 'carol');
  const { text } = await bank
    .agent()
    .get('/metrics')
    .expect(200)
    .expect('Content-Type', /^text\/plain/);
  expect(text).toMatch(
    /^sms2fa_text_attempts_total\{[^}]*sms2fa_purpose="enroll"[^}]*sms2fa_country="US"[^}]*\} 1\b/m,
  );
  expect(text).toMatch(/^sms2fa_changes_total\{sms2fa_change="enrolled"[^}]*\} 1\b/m);
  expect(text).toMatch(/^sms2fa_store_duration_bucket\{/m);
  const names = [...text.matchAll(/^# TYPE (sms2fa_\w+)/gm)].map(([, name]) => name);
  const known = Object.keys(METRICS).map((name) => name.replaceAll('.', '_'));
  const isKnown = (name = ''): boolean => known.includes(name.replace(/_total$/, ''));
  expect(names.length).toBeGreaterThan(4);
  expect(names.filter((name) => !isKnown(name))).toEqual([]);
  // But for the figures, of which one may read like a number.
  const said = text.replace(/ [\d.e+-]+$/gm, '');
  expect(said).not.toMatch(/555|carol|127\.0/);
});

test('what comes through a proxy, from anywhere, gets no figures', async () => {
  const bank = await startBank({ metrics: startMetrics() });
  for (const [name, value] of [
    ['X-Forwarded-For', '203.0.113.7'],
    ['X-Forwarded-For', '127.0.0.1'],
    ['Forwarded', 'for=203.0.113.7'],
    ['Via', '1.1 proxy'],
  ] as const) {
    const answer = await bank.agent().get('/metrics').set(name, value).expect(404);
    expect(answer.text).not.toContain('sms2fa');
  }
});

test('without metrics there is no such path', async () => {
  const bank = await startBank();
  await bank.agent().get('/metrics').expect(404);
});
