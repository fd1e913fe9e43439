"""Which action S3 asks for by operation, where the two have different names.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

OBJECT_ACTIONS = {
    "AbortMultipartUpload": "AbortMultipartUpload",
    "CompleteMultipartUpload": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteObject": "DeleteObject",
    "DeleteObjectTagging": "DeleteObjectTagging",
    "GetObject": "GetObject",
    "GetObjectAcl": "GetObjectAcl",
    "GetObjectAttributes": "GetObject",
    "GetObjectTagging": "GetObjectTagging",
    "HeadObject": "GetObject",
    "ListParts": "ListMultipartUploadParts",
    "PutObject": "PutObject",
    "PutObjectAcl": "PutObjectAcl",
    "PutObjectTagging": "PutObjectTagging",
    "RestoreObject": "RestoreObject",
    "UploadPart": "PutObject",
}

OF_A_VERSION = {
    "DeleteObject": "DeleteObjectVersion",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
    "GetObject": "GetObjectVersion",
    "GetObjectAcl": "GetObjectVersionAcl",
    "GetObjectTagging": "GetObjectVersionTagging",
    "PutObjectAcl": "PutObjectVersionAcl",
    "PutObjectTagging": "PutObjectVersionTagging",
}
"""The action that stands in for another where a request names a version."""

# What a bucket is asked for under another name than the operation's; `Delete...` of a setting asks for `Put...`.
_SETTINGS = {
    "BucketAccelerateConfiguration": "AccelerateConfiguration",
    "BucketAcl": "BucketAcl",
    "BucketCors": "BucketCORS",
    "BucketEncryption": "EncryptionConfiguration",
    "BucketLifecycle": "LifecycleConfiguration",
    "BucketLifecycleConfiguration": "LifecycleConfiguration",
    "BucketLogging": "BucketLogging",
    "BucketNotificationConfiguration": "BucketNotification",
    "BucketOwnershipControls": "BucketOwnershipControls",
    "BucketReplication": "ReplicationConfiguration",
    "BucketRequestPayment": "BucketRequestPayment",
    "BucketTagging": "BucketTagging",
    "BucketVersioning": "BucketVersioning",
    "ObjectLockConfiguration": "BucketObjectLockConfiguration",
    "PublicAccessBlock": "BucketPublicAccessBlock",
}

BUCKET_ACTIONS = {
    **{f"{verb}{name}": f"{verb}{setting}" for name, setting in _SETTINGS.items() for verb in ("Get", "Put")},
    **{f"Delete{name}": f"Put{setting}" for name, setting in _SETTINGS.items()},
    # Deleting these has an action of its own.
    **{f"{verb}BucketPolicy": f"{verb}BucketPolicy" for verb in ("Get", "Put", "Delete")},
    **{f"{verb}BucketWebsite": f"{verb}BucketWebsite" for verb in ("Get", "Put", "Delete")},
    "CreateBucket": "CreateBucket",
    "DeleteBucket": "DeleteBucket",
    "GetBucketLocation": "GetBucketLocation",
    "GetBucketPolicyStatus": "GetBucketPolicyStatus",
    "HeadBucket": "ListBucket",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
}

PUT_KEYS = {
    "IfNoneMatch": "s3:if-none-match",
    "StorageClass": "s3:x-amz-storage-class",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "SSECustomerAlgorithm": "s3:x-amz-server-side-encryption-customer-algorithm",
}
"""Condition keys by the parameter of a put that sets them."""

DELETE_KEYS = {"IfMatch": "s3:if-match"}
"""Condition keys by the parameter of a delete that sets them."""

LIST_KEYS = {"Prefix": "s3:prefix", "Delimiter": "s3:delimiter", "MaxKeys": "s3:max-keys"}
"""Condition keys by the parameter of a list that sets them."""
