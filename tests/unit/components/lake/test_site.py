"""The dashboard's bucket and distribution: who reads what, how long it is kept, and what a browser is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from harness.recorded_program import ACCOUNT, LAKE_ALONE, REGION, record_program
from harness.site_build import FILES, SCRIPT_HASH, write_build

from components.lake.site import site_bucket
from components.lake.site.build import DashboardBuildError, read_build
from components.lake.site.headers import SecurityHeaders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.recorded_program import Deployed, Resource

CERTIFICATE: Final = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/11111111-2222-3333-4444-555555555555"
OBJECT: Final = "s3/bucketObjectv2:BucketObjectv2"
IMMUTABLE: Final = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def prod() -> Deployed:
    return record_program("prod", LAKE_ALONE)


def only(deployed: Deployed, token: str) -> Resource:
    (found,) = deployed.all(token)
    return found


def distribution(deployed: Deployed) -> Mapping[str, Any]:
    return only(deployed, "cloudfront/distribution:Distribution").inputs


def objects(deployed: Deployed) -> dict[str, Resource]:
    return {each.inputs["key"]: each for each in deployed.all(OBJECT)}


@pytest.mark.requirement("LAKE-SEC-02")
def test_the_bucket_is_encrypted_versioned_and_never_public(prod: Deployed) -> None:
    (rule,) = prod.one(
        "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", "lake-site"
    ).inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
    block = prod.one("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "lake-site").inputs
    assert [value for key, value in block.items() if key != "bucket"] == [True] * 4
    assert prod.one("s3/bucketVersioning:BucketVersioning", "lake-site")


def test_the_bucket_lets_one_distribution_in_and_nobody_else(prod: Deployed) -> None:
    found = prod.one("s3/bucketPolicy:BucketPolicy", "lake-site").statements()
    allowed = {sid: statement for sid, statement in found.items() if statement["Effect"] == "Allow"}
    arn = f"arn:aws:cloudfront::{ACCOUNT}:distribution/{_distribution_id(prod)}"
    bucket = "arn:aws:s3:::baler-prod-lake-site-1a2b3c4"
    assert {sid: (each["Action"], each["Resource"]) for sid, each in allowed.items()} == {
        "LetCloudFrontRead": (["s3:GetObject"], [f"{bucket}/*"]),
        # So that what is not there is a 404 and not a 403.
        "LetCloudFrontKnowWhatIsMissing": (["s3:ListBucket"], [bucket]),
    }
    for each in allowed.values():
        assert each["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        assert each["Condition"] == {"ArnEquals": {"aws:SourceArn": arn}}
    assert {"DenyInsecureTransport", "DenyOldTls"} < set(found)


def _distribution_id(deployed: Deployed) -> str:
    return only(deployed, "cloudfront/distribution:Distribution").outputs["id"]


def test_nobody_can_have_a_list_of_the_keys(prod: Deployed) -> None:
    behaviour = distribution(prod)["defaultCacheBehavior"]
    policy = prod.one("cloudfront/cachePolicy:CachePolicy", "lake-site-site")
    key = policy.inputs["parametersInCacheKeyAndForwardedToOrigin"]
    assert behaviour["cachePolicyId"] == policy.outputs["id"]
    assert key["queryStringsConfig"] == {"queryStringBehavior": "none"}
    assert "originRequestPolicyId" not in behaviour
    assert distribution(prod)["defaultRootObject"] == "index.html"


def test_a_file_has_its_type_and_is_kept_as_its_name_allows(prod: Deployed) -> None:
    found = {key: (each.inputs["contentType"], each.inputs["cacheControl"]) for key, each in objects(prod).items()}
    assert found == {
        "index.html": ("text/html; charset=utf-8", "no-cache"),
        "index.txt": ("text/plain; charset=utf-8", "no-cache"),
        "records/index.html": ("text/html; charset=utf-8", "no-cache"),
        "records/_/index.html": ("text/html; charset=utf-8", "no-cache"),
        "records/_/__next.records.$d$id.txt": ("text/plain; charset=utf-8", "no-cache"),
        "icon.svg": ("image/svg+xml", "no-cache"),
        "_next/static/chunks/0a1b.js": ("text/javascript; charset=utf-8", IMMUTABLE),
        "_next/static/chunks/0a1b.css": ("text/css; charset=utf-8", IMMUTABLE),
        "config.json": ("application/json", "no-cache"),
    }


def test_the_page_finds_the_api_on_its_own_host(prod: Deployed) -> None:
    assert json.loads(objects(prod)["config.json"].inputs["content"]) == {"apiUrl": "/api"}
    (behaviour,) = distribution(prod)["orderedCacheBehaviors"]
    assert behaviour["pathPattern"] == "/api/*"


def test_what_an_open_page_may_still_ask_for_stays_when_a_build_has_it_no_more(prod: Deployed) -> None:
    kept = {key for key, each in objects(prod).items() if each.retained}
    assert kept == {key for key in FILES if key.startswith("_next/static/")}
    rules = prod.one("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "lake-site").inputs["rules"]
    # No rule ends what is current, by whatever age; of a page that was replaced nobody asks for the old one.
    assert [rule["expiration"] for rule in rules if "expiration" in rule] == [{"expiredObjectDeleteMarker": True}]
    assert [rule["noncurrentVersionExpiration"] for rule in rules if "noncurrentVersionExpiration" in rule] == [
        {"noncurrentDays": 30}
    ]


def test_a_page_comes_after_what_it_asks_for(prod: Deployed) -> None:
    found = objects(prod)
    hashed = {each.urn for key, each in found.items() if key.startswith("_next/static/")}
    for key in FILES:
        if not key.startswith("_next/static/"):
            assert hashed <= set(found[key].depends_on), key


def test_the_bucket_goes_with_the_stack_since_everything_in_it_is_built_again(prod: Deployed) -> None:
    bucket = prod.one("s3/bucket:Bucket", "lake-site")
    assert (bucket.inputs["forceDestroy"], bucket.protected) == (True, False)


def test_the_distribution_reads_the_bucket_as_itself(prod: Deployed) -> None:
    control = only(prod, "cloudfront/originAccessControl:OriginAccessControl")
    assert (control.inputs["signingBehavior"], control.inputs["signingProtocol"]) == ("always", "sigv4")
    (site,) = (each for each in distribution(prod)["origins"] if each["originId"] == "site")
    assert site["originAccessControlId"] == control.outputs["id"]
    assert site["domainName"] == f"baler-prod-lake-site-1a2b3c4.s3.{REGION}.amazonaws.com"


@pytest.mark.requirement("LAKE-SEC-02")
def test_the_api_is_asked_by_tls_at_its_own_name(prod: Deployed) -> None:
    (api,) = (each for each in distribution(prod)["origins"] if each["originId"] == "api")
    assert f"https://{api['domainName']}" == prod.exports["lakeApiUrl"]
    assert api["customOriginConfig"]["originProtocolPolicy"] == "https-only"
    assert api["customOriginConfig"]["originSslProtocols"] == ["TLSv1.2"]
    (behaviour,) = distribution(prod)["orderedCacheBehaviors"]
    # All that the viewer sent but its host (AllViewerExceptHostHeader).
    assert behaviour["originRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"


@pytest.mark.parametrize("origin", ["site", "api"])
def test_an_answer_is_kept_as_long_as_it_says_itself(prod: Deployed, origin: str) -> None:
    policy = prod.one("cloudfront/cachePolicy:CachePolicy", f"lake-site-{origin}").inputs
    assert (policy["minTtl"], policy["defaultTtl"]) == (0, 0)
    # With 0 CloudFront compresses nothing.
    assert policy["maxTtl"] > 0
    key = policy["parametersInCacheKeyAndForwardedToOrigin"]
    assert key["enableAcceptEncodingGzip"] is key["enableAcceptEncodingBrotli"] is True


def test_nobody_gets_what_the_api_answered_to_somebody_else(prod: Deployed) -> None:
    policy = prod.one("cloudfront/cachePolicy:CachePolicy", "lake-site-api").inputs
    key = policy["parametersInCacheKeyAndForwardedToOrigin"]
    assert key["headersConfig"] == {"headerBehavior": "whitelist", "headers": {"items": ["Authorization", "Origin"]}}
    assert key["queryStringsConfig"] == {"queryStringBehavior": "all"}


@pytest.mark.requirement("LAKE-SEC-02")
def test_both_are_asked_by_https_alone_and_read_alone(prod: Deployed) -> None:
    found = distribution(prod)
    behaviours = [found["defaultCacheBehavior"], *found["orderedCacheBehaviors"]]
    assert {each["viewerProtocolPolicy"] for each in behaviours} == {"redirect-to-https"}
    assert [each["allowedMethods"] for each in behaviours] == [["GET", "HEAD"], ["GET", "HEAD", "OPTIONS"]]
    assert (found["httpVersion"], found["isIpv6Enabled"]) == ("http2and3", True)


@pytest.mark.parametrize(("index", "part", "file"), [(0, "rewrite", "rewrite.js"), (1, "api-path", "api_path.js")])
def test_each_origin_has_its_function(prod: Deployed, index: int, part: str, file: str) -> None:
    found = distribution(prod)
    behaviour = [found["defaultCacheBehavior"], *found["orderedCacheBehaviors"]][index]
    function = prod.one("cloudfront/function:Function", f"lake-site-{part}")
    assert function.inputs["code"] == (Path(site_bucket.__file__).parent / file).read_text(encoding="utf-8")
    # The most that CloudFront takes of a function (CloudFront quotas).
    assert len(function.inputs["code"].encode()) < 10 * 1024
    assert (function.inputs["runtime"], function.inputs["publish"]) == ("cloudfront-js-2.0", True)
    assert [each["eventType"] for each in behaviour["functionAssociations"]] == ["viewer-request"]


def test_an_error_is_passed_on_as_it_is_and_not_remembered(prod: Deployed) -> None:
    errors = distribution(prod)["customErrorResponses"]
    assert {404, 405, 500, 502, 503, 504} <= {each["errorCode"] for each in errors}
    # A page in its place would be in place of the API's own answer too.
    assert [each for each in errors if set(each) != {"errorCode", "errorCachingMinTtl"}] == []
    assert {each["errorCachingMinTtl"] for each in errors} == {0}


def test_cloudfront_tells_browsers_what_the_sandboxs_server_tells_them(prod: Deployed) -> None:
    policy = only(prod, "cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")
    security = policy.inputs["securityHeadersConfig"]
    sent = {
        "Content-Security-Policy": security["contentSecurityPolicy"]["contentSecurityPolicy"],
        "Referrer-Policy": security["referrerPolicy"]["referrerPolicy"],
        "Strict-Transport-Security": f"max-age={security['strictTransportSecurity']['accessControlMaxAgeSec']:.0f}",
        "X-Content-Type-Options": "nosniff" if "contentTypeOptions" in security else "",
        "X-Frame-Options": security["frameOptions"]["frameOption"],
        **{item["header"]: item["value"] for item in policy.inputs["customHeadersConfig"]["items"]},
    }
    assert sent == SecurityHeaders([SCRIPT_HASH]).by_name()
    parts = [*security.values(), *policy.inputs["customHeadersConfig"]["items"]]
    assert all(part["override"] for part in parts)
    found = distribution(prod)
    for behaviour in (found["defaultCacheBehavior"], *found["orderedCacheBehaviors"]):
        assert behaviour["responseHeadersPolicyId"] == policy.outputs["id"]


def test_a_page_runs_its_own_scripts_alone_and_asks_its_own_host_alone() -> None:
    policy = SecurityHeaders(["sha256-one", "sha256-two"]).content_security_policy
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == "'self' 'sha256-one' 'sha256-two'"
    assert directives["connect-src"] == "'self'"
    assert directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy
    assert "http" not in policy


def test_without_a_domain_the_name_is_cloudfronts(prod: Deployed) -> None:
    assert distribution(prod)["viewerCertificate"] == {"cloudfrontDefaultCertificate": True}
    assert "aliases" not in distribution(prod)
    assert prod.exports["lakeDashboardUrl"] == "https://baler-prod-lake-site-1a2b3c4.cloudfront.net/"


def test_a_domain_of_ones_own_takes_no_old_tls() -> None:
    named = {"baler:lakeDashboardDomain": "lake.example.org", "baler:lakeDashboardCertificateArn": CERTIFICATE}
    deployed = record_program("prod", {**LAKE_ALONE, **named})
    assert distribution(deployed)["aliases"] == ["lake.example.org"]
    assert distribution(deployed)["viewerCertificate"] == {
        "acmCertificateArn": CERTIFICATE,
        "minimumProtocolVersion": "TLSv1.2_2021",
        "sslSupportMethod": "sni-only",
    }
    assert deployed.exports["lakeDashboardUrl"] == "https://lake.example.org/"


def test_a_stack_can_do_without_the_dashboard() -> None:
    deployed = record_program("prod", {**LAKE_ALONE, "baler:lakeDashboard": False})
    assert not [each.type for each in deployed.resources if "cloudfront" in each.type or each.type == f"aws:{OBJECT}"]
    assert {"lakeSiteBucket", "lakeDashboardUrl"} & set(deployed.exports) == set()
    assert "lakeApiUrl" in deployed.exports


def test_a_dashboard_that_is_not_built_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(DashboardBuildError, match=r"not built: make dashboard, or .*lakeDashboard false"):
        read_build(tmp_path)
    # Half of it is as good as nothing.
    write_build(tmp_path).with_suffix(".json").unlink()
    with pytest.raises(DashboardBuildError, match="make dashboard"):
        read_build(tmp_path)


@pytest.mark.parametrize(
    "summary", ["", "{}", "[]", '{"scriptHashes": "sha256-"}', '{"scriptHashes": ["\'unsafe-inline\'"]}']
)
def test_hashes_that_are_none_do_not_get_into_the_policy(tmp_path: Path, summary: str) -> None:
    write_build(tmp_path).with_suffix(".json").write_text(summary, encoding="utf-8")
    with pytest.raises(DashboardBuildError, match="hashes"):
        read_build(tmp_path)


def test_more_scripts_than_cloudfront_takes_are_refused(tmp_path: Path) -> None:
    hashes = [f"sha256-{index:043d}=" for index in range(40)]
    write_build(tmp_path).with_suffix(".json").write_text(json.dumps({"scriptHashes": hashes}), encoding="utf-8")
    with pytest.raises(DashboardBuildError, match="40 inline scripts"):
        read_build(tmp_path)


def test_a_file_of_an_unknown_type_is_named(tmp_path: Path) -> None:
    (write_build(tmp_path) / "data.xyz").touch()
    with pytest.raises(DashboardBuildError, match=r"dashboard/out/data\.xyz"):
        read_build(tmp_path)


def test_the_stack_writes_the_configuration_and_not_the_build(tmp_path: Path) -> None:
    (write_build(tmp_path) / "config.json").write_text('{"apiUrl": "http://127.0.0.1"}', encoding="utf-8")
    assert {file.path for file in read_build(tmp_path).files} == set(FILES)
