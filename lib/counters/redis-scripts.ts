import { createHash } from 'node:crypto';

/** A Lua script with the digest that EVALSHA calls it by. */
export interface Script {
  source: string;
  sha: string;
}

function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

// What is not a plain count (corrupt, negative, without an end) reads as -1, which the caller takes for "spent".
const READ = `
local value = redis.call('GET', KEYS[1])
local count = value and (string.match(value, '^%d+$') and tonumber(value) or -1)
if count and (count > 9007199254740990 or redis.call('PTTL', KEYS[1]) < 0) then count = -1 end
`;

/** KEYS[1] the count; ARGV[1] lifetime in ms, ARGV[2] what to add → { count, ms left }. */
export const ADD = script(`${READ}
local by = tonumber(ARGV[2])
if not count and by < 0 then return { 0, 0 } end
if count == -1 then
  if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
  return { -1, redis.call('PTTL', KEYS[1]) }
end
local sum = math.max(0, (count or 0) + by)
local left = count and redis.call('PTTL', KEYS[1]) or -1
if left <= 0 then left = tonumber(ARGV[1]) end
redis.call('SET', KEYS[1], string.format('%.0f', sum), 'PX', left)
return { sum, left }
`);

/** KEYS[1] the count → { count, ms left }, or nothing. */
export const PEEK = script(`${READ}
if not count then return false end
return { count, redis.call('PTTL', KEYS[1]) }
`);
