import type { CounterWarning } from '../ports/counter';
import { keysWith, missingRightIn, ruleFor } from '../server-failures';
import { timeLimit } from '../time-limit';

/**
 * One decision, atomic. KEYS are the subjects, each a string in MessagePack: by name, the end in milliseconds
 * of a count of one, else count and end. One command reads a subject, and one writes it with its end; a hash
 * took three. ARGV[1] is a list in JSON without lists in it, which takes half the time
 * to read: how many counts are read, cleared, taken as places and given back, then all of them in this order.
 * Each begins with its subject, by number, and its name; behind those a place has window, limit and by, and
 * what is given back its end and by.
 *
 * Answers `count, ms left, end` for each key that was read (as it was before) and for each place (as
 * it is now). Then, where one was full, 1 for each place that was and 0 for each that was not, otherwise
 * one 0. What is not a count (corrupt, negative) answers -1 and fills every place for as long as its subject
 * had to live, and so does all of a key that is no subject. What has ended is thrown out with the next change
 * of its subject; the subject ends with its last count.
 */
export const SETTLE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wish = cjson.decode(ARGV[1])
-- Where each kind of its parts begins.
local clears = 5 + 2 * wish[1]
local takes = clears + 2 * wish[2]
local gives = takes + 5 * wish[3]
local past = gives + 4 * wish[4]

local function sound(number)
  return type(number) == 'number' and number >= 1 and number <= 9007199254740991 and number % 1 == 0
end
local function unpacked(key, value)
  local counts, more = cmsgpack.unpack(value)
  if more or not next(counts) then error() end
  for name, each in pairs(counts) do
    local count, last = 1, each
    if type(each) == 'table' then count, last = each[1], each[2] end
    if type(name) ~= 'string' then error() end
    if not (sound(last) and (count == 1 or sound(count))) then
      counts[name] = { -1, now + math.max(60000, redis.call('PTTL', key)) }
    elseif last <= now then
      counts[name] = nil
    end
  end
  return counts
end
-- By number, what is counted of each subject; false where it is none.
local subjects, changed = {}, {}
for k, key in ipairs(KEYS) do
  local value = redis.pcall('GET', key)
  -- A right that is missing, for one, says nothing of what lies there, and must not clear it.
  if type(value) == 'table' and not string.find(value.err, 'WRONGTYPE') then return value end
  if value then
    local whole, counts = pcall(unpacked, key, value)
    subjects[k] = whole and counts
  else
    subjects[k] = {}
  end
end
local function look(k, name)
  local counts = subjects[k]
  if not counts then return -1, now + 60000 end
  local each = counts[name]
  if not each then return 0, 0 end
  if type(each) == 'number' then return 1, each end
  return each[1], each[2]
end
local function keep(k, name, count, last)
  subjects[k][name] = count == 1 and last or count > 0 and { count, last } or nil
  changed[k] = true
end

local reply, told = {}, 0
local function tell(count, last)
  reply[told + 1], reply[told + 2], reply[told + 3] = count, last > 0 and last - now or 0, last
  told = told + 3
end
for i = 5, clears - 1, 2 do tell(look(wish[i], wish[i + 1])) end

local function full(i)
  local k, name, limit, by = wish[i], wish[i + 1], wish[i + 3], wish[i + 4]
  local count = look(k, name)
  if count >= 0 and count + by <= limit then return false end
  for j = clears, takes - 1, 2 do
    if wish[j] == k and wish[j + 1] == name then return by > limit end
  end
  return true
end
local refused = false
for i = takes, gives - 1, 5 do refused = refused or full(i) end
if refused then
  for i = takes, gives - 1, 5 do tell(look(wish[i], wish[i + 1])) end
  for i = takes, gives - 1, 5 do table.insert(reply, full(i) and 1 or 0) end
  return reply
end

for i = clears, takes - 1, 2 do
  local k, name = wish[i], wish[i + 1]
  if not subjects[k] then
    subjects[k], changed[k] = {}, true
  elseif subjects[k][name] then
    keep(k, name, 0)
  end
end
for i = takes, gives - 1, 5 do
  local k, name, by = wish[i], wish[i + 1], wish[i + 4]
  local count, last = look(k, name)
  if by > 0 then
    count, last = count + by, last > 0 and last or now + wish[i + 2]
    keep(k, name, count, last)
  end
  tell(count, last)
end
if gives > takes then reply[told + 1] = 0 end
for i = gives, past - 1, 4 do
  local k, name = wish[i], wish[i + 1]
  local count, last = look(k, name)
  if count > 0 and last == wish[i + 2] then keep(k, name, count - wish[i + 3], last) end
end

for k in pairs(changed) do
  local latest = 0
  for _, each in pairs(subjects[k]) do
    local last = type(each) == 'number' and each or each[2]
    if last > latest then latest = last end
  end
  if latest > now then
    redis.call('SET', KEYS[k], cmsgpack.pack(subjects[k]), 'PX', latest - now)
  else
    redis.call('DEL', KEYS[k])
  end
end
return reply
`;

/** What the script does in Redis, and so what its user must be allowed to. */
const COMMANDS = 'evalsha eval time get pttl set del'.split(' ');

/**
 * Does all that the counter's script does, to a key of nobody, and answers with the names of what was
 * refused. What it puts there is taken out again, or ends in a minute. A server that takes no writes now,
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
try('TIME')
try('GET', KEYS[1])
try('PTTL', KEYS[1])
try('SET', KEYS[1], cmsgpack.pack({}), 'PX', 60000)
try('DEL', KEYS[1])
if away then return away end
return refused
`;

/** What Redis 7 adds of its script. It helps nobody, and the operator's line has no room for it and the cure. */
const WHERE = / script: \w+, on @user_script:\d+\.?$/;

/** An error of Redis, with the cure where the user lacks a right or the command never left. */
export function explained(error: unknown, prefix: string): unknown {
  const said = (error instanceof Error ? error.message : String(error)).replace(WHERE, '');
  const missing = missingRightIn(said);
  if (missing !== undefined) {
    const { user, command, keys } = missing;
    // Who may not run a script at all, most likely may do none of the rest.
    const whole = command === undefined || command.startsWith('eval');
    const commands = keys ? [] : whole ? COMMANDS : [command];
    const line = ruleFor(commands, { user, keys: keys ? keyPattern(prefix) : undefined });
    return new Error(`${said}. The counter needs: ${line} (docs/counters.md)`, { cause: error });
  }
  if (/unknown command/i.test(said)) {
    const needs = 'The counter needs a Redis with scripts: EVALSHA, EVAL (docs/counters.md)';
    return new Error(`${said}. ${needs}.`, { cause: error });
  }
  if (error instanceof TypeError) {
    const line = 'Give it the line of its client (docs/counters.md)';
    return new Error(`sendCommand sent no command (${said}). ${line}`, { cause: error });
  }
  return error;
}

/** The keys of the counter: without a prefix of its own they begin with six characters of the app's. */
function keyPattern(prefix: string): string {
  return prefix === '' ? '~??????:*' : keysWith(prefix);
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
      cure: 'Set maxmemory-policy noeviction; volatile-* is no help, as every count and session has an end. A full Redis then refuses writes, and nobody signs in. Where it is a cache, too, give the counter a Redis of its own.',
    },
  ];
}
