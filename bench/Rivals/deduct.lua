-- The same deduct in Redis: balance, one id for ever, one stream entry per account. KEYS: balance, id, stream. ARGV: amount, id.
local balance = redis.call('GET', KEYS[1])
local amount = tonumber(ARGV[1])
if not balance or tonumber(balance) < amount then return redis.error_reply('insufficient credit') end
if not redis.call('SET', KEYS[2], ARGV[1], 'NX') then return -2 end
local left = redis.call('DECRBY', KEYS[1], amount)
redis.call('XADD', KEYS[3], '*', 'request', ARGV[2], 'amount', amount, 'balance', left)
return left
