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
