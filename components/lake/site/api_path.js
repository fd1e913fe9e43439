// Takes /api off the path of a request for the API: a CloudFront function (cloudfront-js-2.0).
// sandbox/site/paths.py has the same rule in Python, and a test compares the two.

const PREFIX = "/api";

function handler(event) {
  const request = event.request;
  // CloudFront chooses where a request goes by its path with dots resolved and slashes taken together, and gives the path
  // as it came.
  if (!request.uri.startsWith(PREFIX + "/")) {
    return {
      statusCode: 404,
      statusDescription: "Not Found",
      headers: { "content-type": { value: "application/json" } },
      body: { encoding: "text", data: '{"message":"There is nothing at this path.","code":"no-such-path"}' },
    };
  }
  request.uri = request.uri.slice(PREFIX.length);
  return request;
}
