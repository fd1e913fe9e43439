// Which file of the site a path is: a CloudFront function (cloudfront-js-2.0), asked at each request of a viewer.
// sandbox/site/paths.py has the same rule in Python, and a test compares the two.

// What an id of a record can be. Any other path below /records/ is a file that is not there.
const ID = /^[A-Za-z0-9-]+$/;

function handler(event) {
  const request = event.request;
  const segments = request.uri.split("/").slice(1);
  // One page shows all records: it reads the id from the address. What belongs to the page (index.txt, __next.*.txt) is
  // asked for below the same id.
  if (segments[0] === "records" && segments.length > 1 && ID.test(segments[1])) {
    segments[1] = "_";
  }
  const last = segments.length - 1;
  if (segments[last] === "") {
    segments[last] = "index.html";
  } else if (!segments[last].includes(".")) {
    segments.push("index.html");
  }
  request.uri = "/" + segments.join("/");
  return request;
}
