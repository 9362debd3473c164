import { sendStanding } from '../../../lib/core/send/send-standing';
import { rememberOptOut } from '../../../lib/core/delivery/sent-text';
import { makeWorld, permit, PHONE, requester, take, type World } from '../../helpers/core';

let world: World;
beforeEach(() => {
  world = makeWorld({}, { resendWait: [30] });
});
const stands = (channel?: 'email', phone = channel === undefined ? PHONE : MAIL, more = {}) =>
  sendStanding(world.core, requester('A', more), { channel, phone });
const MAIL = 'ann@acme.example';
const OPEN = { why: 'open', wait: 0 };

test('a code may be asked for, and after a text its wait stands against it, by whichever of two it is', async () => {
  expect(await stands()).toEqual(OPEN);
  await permit(world, { userId: 'B' });
  world.pass(10);
  // Another user has just texted this phone.
  expect(await stands()).toEqual({ why: 'wait', wait: 20 });
  expect(await stands(undefined, '+12065550199')).toEqual(OPEN);
  world.pass(20);
  expect(await stands()).toEqual(OPEN);
});

test('[S56] STOP stands against texts, and not against mails', async () => {
  await rememberOptOut(world.core, PHONE, 'heard');
  await rememberOptOut(world.core, MAIL, 'heard');
  expect(await stands()).toEqual({ why: 'opted_out', wait: 0 });
  expect(await stands('email')).toEqual(OPEN);
});

test('what is used up stands against it until the last of it is over, whatever the wait', async () => {
  world = makeWorld({}, { resendWait: [30], textsPerUser: [{ count: 1, seconds: 600 }] });
  await permit(world);
  world.pass(100);
  expect(await stands()).toEqual({ why: 'used_up', wait: 500 });
});

test('nothing goes out to a test number, so nothing of that is used up; a mail is none, whatever its address', async () => {
  const sentPerPhone = [{ count: 1, seconds: 600 }];
  for (const testCode of [undefined, () => '123456']) {
    world = makeWorld(testCode && { testCode }, { sentPerPhone });
    for (const to of [PHONE, MAIL]) {
      await take(world, `${world.core.keyring.subjects.phone(to)}#s600`, { seconds: 600 });
    }
    const usedUp = { why: 'used_up', wait: 600 };
    expect(await stands()).toEqual(testCode === undefined ? usedUp : OPEN);
    expect(await stands('email')).toEqual(usedUp);
  }
});

test('[S171] what is kept for a known browser is open to it, and to no other', async () => {
  world = makeWorld({}, { resendWait: [], textsPerUser: [{ count: 5, seconds: 86_400 }] });
  for (let each = 0; each < 4; each += 1) expect((await permit(world)).ok).toBe(true);
  expect(await stands()).toEqual(OPEN);
  for (const known of [() => false, undefined]) {
    expect(await stands(undefined, PHONE, { known })).toEqual({ why: 'used_up', wait: 86_400 });
  }
});
