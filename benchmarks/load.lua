-- Posts the bodies of a file, one a line, in turn, beginning where it is told; prints its figures
-- as one line of JSON. Arguments: file, first body, and "check" to look into every answer, which is
-- for the warm-up: it is work, and the HTTP status says as well whether the code is 0.
local threads, requests, at = {}, {}, 0
refused = 0

function setup(thread) table.insert(threads, thread) end

function init(args)
    wrk.headers["Content-Type"] = "application/json"
    for body in io.lines(args[1]) do table.insert(requests, wrk.format("POST", nil, nil, body)) end
    at = tonumber(args[2])
    if args[3] == "check" then
        response = function(_, _, body)
            if not body:find('"code":0,', 1, true) then refused = refused + 1 end
        end
    end
end

function request()
    at = at % #requests + 1
    return requests[at]
end

function done(summary, latency)
    local all = 0
    for _, thread in ipairs(threads) do all = all + thread:get("refused") end
    local errors = summary.errors
    io.write(string.format(
        '{"requests":%d,"microseconds":%d,"bytes":%d,"p50":%d,"p99":%d,"refused":%d,' ..
        '"status":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d}\n',
        summary.requests, summary.duration, summary.bytes, latency:percentile(50),
        latency:percentile(99), all, errors.status, errors.connect, errors.read, errors.write,
        errors.timeout))
end
