import type { CounterWarning } from '../ports/counter';
import { timeLimit } from '../time-limit';

/**
 * One decision, atomic. KEYS are the subjects, each a hash of `<count> <end in ms>` by name; of a count of one
 * there is the end alone, a number, for which Redis takes nine bytes. ARGV[1] is a list in JSON without lists in
 * it, which takes half the time to read: how many counts are read, cleared, taken as places and given back, then
 * all of them in this order. Each begins with its subject, by number, and its name;
 * behind those a place has window, limit and by, and what is given back its end and by.
 *
 * Answers `count, ms left, end` for each key that was read (as it was before) and for each place (as
 * it is now). Then, where one was full, 1 for each place that was and 0 for each that was not, otherwise
 * one 0. What is not a count (corrupt, negative, of another type) answers -1 and fills every place. What
 * has ended is thrown out with the next change of its subject; the subject ends with its last count.
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

local counts, ends, ended, broken = {}, {}, {}, {}
for k, key in ipairs(KEYS) do
  local count_by_name, end_by_name, flat = {}, {}, redis.pcall('HGETALL', key)
  if flat.err then broken[k], flat = true, {} end
  for i = 1, #flat, 2 do
    local name, value, count, last = flat[i], flat[i + 1], 1, nil
    -- An end has thirteen digits; no other number is one.
    if #value == 13 and string.find(value, '^%d+$') then last = value
    else count, last = string.match(value, '^(%d+) (%d+)$') end
    count, last = tonumber(count), tonumber(last)
    if not count or count > 9007199254740990 or last > 9007199254740990 then
      count_by_name[name], end_by_name[name] = -1, now + math.max(60000, redis.call('PTTL', key))
    elseif last > now then
      count_by_name[name], end_by_name[name] = count, last
    else
      ended[k] = ended[k] or {}
      table.insert(ended[k], name)
    end
  end
  counts[k], ends[k] = count_by_name, end_by_name
end
local function look(k, name)
  local count = counts[k][name]
  if count then return count, ends[k][name] end
  if broken[k] then return -1, now + 60000 end
  return 0, 0
end

local reply, told = {}, 0
local function tell(k, name)
  local count, last = look(k, name)
  reply[told + 1], reply[told + 2], reply[told + 3] = count, last > 0 and last - now or 0, last
  told = told + 3
end
for i = 5, clears - 1, 2 do tell(wish[i], wish[i + 1]) end

local cleared = {}
for i = clears, takes - 1, 2 do
  local k = wish[i]
  cleared[k] = cleared[k] or {}
  cleared[k][wish[i + 1]] = true
end
local full, refused = {}, false
for i = takes, gives - 1, 5 do
  local k, name = wish[i], wish[i + 1]
  local count = (cleared[k] and cleared[k][name]) and 0 or look(k, name)
  local no = count < 0 or count + wish[i + 4] > wish[i + 3]
  full[#full + 1] = no and 1 or 0
  refused = refused or no
end

local changed = {}
local function keep(k, name, count, last)
  changed[k] = changed[k] or {}
  changed[k][name] = true
  if count > 0 then
    counts[k][name], ends[k][name] = count, last
  else
    counts[k][name], ends[k][name] = nil, nil
  end
end
if not refused then
  for i = clears, takes - 1, 2 do
    local k, name = wish[i], wish[i + 1]
    if broken[k] then
      redis.call('DEL', KEYS[k])
      broken[k] = nil
    elseif counts[k][name] then
      keep(k, name, 0)
    end
  end
  for i = takes, gives - 1, 5 do
    local k, name, by = wish[i], wish[i + 1], wish[i + 4]
    if by > 0 then
      local count, last = look(k, name)
      keep(k, name, count + by, last > 0 and last or now + wish[i + 2])
    end
  end
end
for i = takes, gives - 1, 5 do tell(wish[i], wish[i + 1]) end
if refused then
  for _, each in ipairs(full) do table.insert(reply, each) end
  return reply
end
if gives > takes then reply[told + 1] = 0 end
for i = gives, past - 1, 4 do
  local k, name = wish[i], wish[i + 1]
  local count, last = look(k, name)
  if count > 0 and last == wish[i + 2] then keep(k, name, count - wish[i + 3], last) end
end

for k, names in pairs(changed) do
  local set, del, last = {}, {}, 0
  for _, name in ipairs(ended[k] or {}) do
    if not names[name] then del[#del + 1] = name end
  end
  for name in pairs(names) do
    local count = counts[k][name]
    if count then
      set[#set + 1] = name
      local last = ends[k][name]
      set[#set + 1] = count == 1 and string.format('%.0f', last) or string.format('%.0f %.0f', count, last)
    else
      del[#del + 1] = name
    end
  end
  for _, each in pairs(ends[k]) do
    if each > last then last = each end
  end
  if last == 0 then
    redis.call('DEL', KEYS[k])
  else
    if #set > 0 then redis.call('HSET', KEYS[k], unpack(set)) end
    if #del > 0 then redis.call('HDEL', KEYS[k], unpack(del)) end
    redis.call('PEXPIREAT', KEYS[k], string.format('%.0f', last))
  end
end
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
