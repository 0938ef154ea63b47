-- wrk -s wrk.lua URL -- BODY HEADER VALUE...: every request posts the file BODY; what was seen is printed as JSON.

function init(arguments)
   local file = assert(io.open(arguments[1], "rb"))
   wrk.method = "POST"
   wrk.body = file:read("*a")
   file:close()
   for at = 2, #arguments, 2 do
      wrk.headers[arguments[at]] = arguments[at + 1]
   end
end

function done(summary, latency, requests)
   local seen = summary.errors
   local errors = seen.connect + seen.read + seen.write + seen.status + seen.timeout
   local format = '\n{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "errors": %d}\n'
   io.write(format:format(summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors))
end
