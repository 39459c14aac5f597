-- Posts a JSON body of the size of a verify request to the echo endpoint.
local threads = 0
setup = function(thread)
    thread:set("number", threads)
    threads = threads + 1
end

init = function()
    count = 0
    headers = { ["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. string.rep("s", 64) }
end

request = function()
    count = count + 1
    local body = string.format('{"key":"%s","amount":0.000001,"requestId":"%d%012d"}', string.rep("k", 64), number, count)
    return wrk.format("POST", "/echo", headers, body)
end
