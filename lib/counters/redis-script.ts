import type { CounterWarning } from '../ports/counter';
import { timeLimit } from '../time-limit';

/**
 * One decision, atomic. KEYS are the subjects, each a hash of `<count> <end in ms>` by name; ARGV[1]
 * is `[read, clear, take, give]` in JSON, with subjects by their number.
 *
 * Answers `count, ms left, end` for each key that was read (as it was before) and for each place (as
 * it is now), then 1 for each place that was full and 0 for each that was not. What is not a count
 * (corrupt, negative, of another type) answers -1 and fills every place. What has ended is thrown out
 * with the next change of its subject; the subject ends with its last count.
 */
export const SETTLE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wish = cjson.decode(ARGV[1])
local read, clear, take, give = wish[1], wish[2], wish[3], wish[4]

local subjects, broken, over = {}, {}, {}
local function subject(k)
  if subjects[k] then return subjects[k] end
  local counts, flat = {}, redis.pcall('HGETALL', KEYS[k])
  if flat.err then broken[k], flat = true, {} end
  over[k] = {}
  for i = 1, #flat, 2 do
    local count, ends = string.match(flat[i + 1], '^(%d+) (%d+)$')
    count, ends = tonumber(count), tonumber(ends)
    if not count or not ends or count > 9007199254740990 or ends > 9007199254740990 then
      counts[flat[i]] = { -1, now + math.max(60000, redis.call('PTTL', KEYS[k])) }
    elseif ends > now then
      counts[flat[i]] = { count, ends }
    else
      table.insert(over[k], flat[i])
    end
  end
  subjects[k] = counts
  return counts
end
local function look(k, name)
  return subject(k)[name] or (broken[k] and { -1, now + 60000 })
end

local reply = {}
local function tell(found)
  table.insert(reply, found and found[1] or 0)
  table.insert(reply, found and found[2] - now or 0)
  table.insert(reply, found and found[2] or 0)
end
for _, each in ipairs(read) do tell(look(each[1], each[2])) end

local cleared = {}
for _, each in ipairs(clear) do cleared[each[1] .. '#' .. each[2]] = true end
local ok, full = true, {}
for i, place in ipairs(take) do
  local found = not cleared[place[1] .. '#' .. place[2]] and look(place[1], place[2])
  local count = found and found[1] or 0
  full[i] = (count < 0 or count + place[5] > place[4]) and 1 or 0
  if full[i] == 1 then ok = false end
end

local changed, gone = {}, {}
local function keep(k, name, count, ends)
  local counts = subject(k)
  changed[k], gone[k] = changed[k] or {}, gone[k] or {}
  if count > 0 then
    counts[name] = { count, ends }
    changed[k][name] = true
  else
    counts[name] = nil
    changed[k][name] = nil
    gone[k][name] = true
  end
end
if ok then
  for _, each in ipairs(clear) do
    local found = look(each[1], each[2])
    if broken[each[1]] then
      redis.call('DEL', KEYS[each[1]])
      broken[each[1]] = nil
    elseif found then
      keep(each[1], each[2], 0)
    end
  end
  for _, place in ipairs(take) do
    if place[5] > 0 then
      local found = look(place[1], place[2])
      keep(place[1], place[2], (found and found[1] or 0) + place[5], found and found[2] or now + place[3])
    end
  end
end
for _, place in ipairs(take) do tell(look(place[1], place[2])) end
if ok then
  for _, each in ipairs(give) do
    local found = look(each[1], each[2])
    if found and found[1] > 0 and found[2] == each[3] then
      keep(each[1], each[2], found[1] - each[4], found[2])
    end
  end
end

for k, names in pairs(changed) do
  local set, del, last = {}, {}, 0
  for _, name in ipairs(over[k]) do
    if not names[name] then table.insert(del, name) end
  end
  for name in pairs(gone[k]) do
    if not names[name] then table.insert(del, name) end
  end
  for name, found in pairs(subjects[k]) do
    last = math.max(last, found[2])
    if names[name] then
      table.insert(set, name)
      table.insert(set, string.format('%.0f %.0f', found[1], found[2]))
    end
  end
  if last == 0 then
    redis.call('DEL', KEYS[k])
  else
    if #set > 0 then redis.call('HSET', KEYS[k], unpack(set)) end
    if #del > 0 then redis.call('HDEL', KEYS[k], unpack(del)) end
    redis.call('PEXPIREAT', KEYS[k], string.format('%.0f', last))
  end
end
for _, each in ipairs(full) do table.insert(reply, each) end
return reply
`;

/** What the script does in Redis, and so what its user must be allowed to. */
const COMMANDS = 'evalsha eval time hgetall pttl hset pexpireat hdel del'.split(' ');

/**
 * Does all that the counter's script does, to a key of nobody, and answers with the names of what was
 * refused. Nothing is put there that could not be taken out again. A server that takes no writes now,
 * such as a replica, refuses nothing to its user: that error is answered as it is.
 */
export const PROBE = `
local refused = {}
local away = nil
local function try(name, ...)
  local answer = redis.pcall(name, ...)
  if type(answer) ~= 'table' or not answer.err then return end
  for _, state in ipairs({ 'READONLY', 'OOM', 'MISCONF', 'NOREPLICAS', 'MASTERDOWN', 'LOADING' }) do
    if string.find(answer.err, '^-?' .. state) then away = answer end
  end
  table.insert(refused, string.lower(name))
end
local key = KEYS[1]
try('TIME')
try('HGETALL', key)
try('PTTL', key)
try('PEXPIREAT', key, ARGV[1])
local safe = #refused
try('HDEL', key, 'a')
try('DEL', key)
if #refused < safe + 2 then
  try('HSET', key, 'a', '1 1')
  redis.pcall('PEXPIREAT', key, ARGV[1])
  redis.pcall('HDEL', key, 'a')
  redis.pcall('DEL', key)
end
if away then return away end
return refused
`;

/** How Redis 6 and newer, and Valkey, say that a command or a key is not for this user. */
const REFUSED = /NOPERM|ACL failure|can't (?:run this command|access at least one of the keys)/;
const ABOUT_KEYS = /\bkeys?\b/;
const NAMED = /run the '([\w|]+)' command/;
const USER = /User (\S+) has no permissions/;

/** The rule that gives the user of Redis what is missing, as one line. */
export function missingRights(
  commands: readonly string[],
  prefix: string,
  { keys = false, user = '<user>' } = {},
): string {
  const rules = [...(keys ? [keyPattern(prefix)] : []), ...commands.map((name) => `+${name}`)];
  return `ACL SETUSER ${user} ${rules.join(' ')}`;
}

/** An error of Redis, with the cure where the user lacks a right or the command never left. */
export function explained(error: unknown, prefix: string): unknown {
  const said = error instanceof Error ? error.message : String(error);
  if (REFUSED.test(said)) {
    const user = USER.exec(said)?.[1];
    const named = NAMED.exec(said)?.[1];
    const keys = named === undefined && ABOUT_KEYS.test(said);
    // Who may not run a script at all, most likely may do none of the rest.
    const whole = named === undefined || named.startsWith('eval');
    const commands = keys ? [] : whole ? COMMANDS : [named];
    const line = missingRights(commands, prefix, { keys, ...(user && { user }) });
    return new Error(`${said}. The counter needs: ${line} (docs/counters.md)`, { cause: error });
  }
  if (/unknown command/i.test(said)) {
    const needs = 'The counter needs a Redis with scripts (EVALSHA, EVAL)';
    return new Error(`${said}. ${needs}.`, { cause: error });
  }
  if (error instanceof TypeError) {
    const line = 'docs/counters.md has the line of each client';
    return new Error(`sendCommand sent no command (${said}); ${line}.`, { cause: error });
  }
  return error;
}

/** The keys of the counter: without a prefix of its own they begin with six characters of the app's. */
function keyPattern(prefix: string): string {
  return `~${prefix === '' ? '??????:' : prefix.replace(/[\\*?[\]]/g, '\\$&')}*`;
}

/** How long Redis may take to tell of its memory, in milliseconds: nobody needs that as much as the rest. */
const TOLD_WITHIN = 500;

/**
 * What Redis says of itself that endangers its counts: whether it throws keys away where its memory is
 * full. All that is counted has an end, so the policies for keys with an end take it like the others.
 * Nothing where it may not be asked.
 */
export async function evictions(ask: () => Promise<unknown>): Promise<CounterWarning[]> {
  const told = await timeLimit((async () => ask())(), TOLD_WITHIN).catch(() => undefined);
  const read = (name: string): string =>
    new RegExp(`^${name}:(\\S+)`, 'm').exec(String(told))?.[1] ?? '';
  const policy = read('maxmemory_policy');
  if (policy === '' || policy === 'noeviction') return [];
  const most = read('maxmemory');
  // Without a limit nothing is thrown away, until somebody sets one.
  if (most === '0') return [];
  return [
    {
      says: `Redis may throw counts away, and sessions that lie there, too: its maxmemory-policy is ${policy}${most === '' ? '' : ` at ${most} bytes`}. When its memory is full, locks and limits are forgotten.`,
      cure: 'Set maxmemory-policy noeviction; volatile-* is no help, as every count and session has an end. A full Redis then refuses writes, and nobody passes. Where it is a cache, too, give the counter a Redis of its own.',
    },
  ];
}
