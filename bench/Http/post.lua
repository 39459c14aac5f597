-- Posts a verify request, every time under a new id; the echo endpoint gets the same bytes. The bench puts path, service and keys in.
local threads = 0
setup = function(thread)
    thread:set("number", threads)
    threads = threads + 1
end

init = function(args)
    run = args[1]
    count = 0
    math.randomseed(number + 1)
    headers = { ["Content-Type"] = "application/json", ["X-API-Key"] = service }
end

request = function()
    count = count + 1
    local body = string.format('{"key":"%s","amount":0.000001,"requestId":"%s%010d%d"}', keys[math.random(#keys)], run, count, number)
    return wrk.format("POST", path, headers, body)
end

done = function(summary, latency, requests)
    local bad = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
    number, run = 0, "0"
    wrk.init({ "1234567890" })
    io.write(string.format("RESULT %d %d %f %f %d %d %d\n", summary.requests, summary.duration, latency:percentile(50) / 1000, latency:percentile(99) / 1000, bad,
        #request(), summary.bytes))
end
