//! The operations as `s3s` calls them: note the call, apply the script, do it.

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result};

use super::control::{OpenCall, Subject, scripted_error};
use super::digests::{Claimed, collect, cut_body};
use super::double::Inner;
use super::faults::Operation;

/// The strict layer.
pub(super) struct Strict(Arc<Inner>);

impl Strict {
    pub(super) const fn new(inner: Arc<Inner>) -> Self {
        Self(inner)
    }

    async fn begin<T>(
        &self,
        subject: Subject<'_>,
        request: &S3Request<T>,
    ) -> S3Result<OpenCall<'_>> {
        self.0
            .control
            .begin(subject, &request.headers, request.extensions.clone())
            .await
    }
}

/// The body of an operation that needs nothing but the script around it.
macro_rules! scripted {
    ($self:ident, $request:ident, $operation:ident, $key:expr, $method:ident) => {{
        let bucket = $request.input.bucket.clone();
        let key = $key;
        let subject = Subject {
            operation: Operation::$operation,
            bucket: &bucket,
            key: &key,
            part_number: None,
        };
        let call = $self.begin(subject, &$request).await?;
        call.finish($self.0.$method($request).await)
            .map(S3Response::new)
    }};
}

#[async_trait::async_trait]
impl S3 for Strict {
    async fn put_object(
        &self,
        mut request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        // The body first: a client that is answered before it has sent everything
        // may see a broken connection in place of the answer.
        let bytes = collect(request.input.body.take()).await?;
        let input = &mut request.input;
        let claimed = Claimed {
            checksum: Checksum {
                checksum_crc32: input.checksum_crc32.take(),
                checksum_crc32c: input.checksum_crc32c.take(),
                checksum_crc64nvme: input.checksum_crc64nvme.take(),
                checksum_sha1: input.checksum_sha1.take(),
                checksum_sha256: input.checksum_sha256.take(),
                checksum_type: None,
            },
            content_md5: input.content_md5.take(),
        }
        .with_trailers(request.trailing_headers.take());
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        let subject = Subject {
            operation: Operation::PutObject,
            bucket: &bucket,
            key: &key,
            part_number: None,
        };
        let call = self.begin(subject, &request).await?;
        call.finish(self.0.put(request, bytes, &claimed).await)
            .map(S3Response::new)
    }

    async fn upload_part(
        &self,
        mut request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        let bytes = collect(request.input.body.take()).await?;
        let input = &mut request.input;
        let claimed = Claimed {
            checksum: Checksum {
                checksum_crc32: input.checksum_crc32.take(),
                checksum_crc32c: input.checksum_crc32c.take(),
                checksum_crc64nvme: input.checksum_crc64nvme.take(),
                checksum_sha1: input.checksum_sha1.take(),
                checksum_sha256: input.checksum_sha256.take(),
                checksum_type: None,
            },
            content_md5: input.content_md5.take(),
        }
        .with_trailers(request.trailing_headers.take());
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        let subject = Subject {
            operation: Operation::UploadPart,
            bucket: &bucket,
            key: &key,
            part_number: Some(request.input.part_number),
        };
        let call = self.begin(subject, &request).await?;
        call.finish(self.0.part(request, bytes, &claimed).await)
            .map(S3Response::new)
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        let subject = Subject {
            operation: Operation::CompleteMultipartUpload,
            bucket: &bucket,
            key: &key,
            part_number: None,
        };
        let call = self.begin(subject, &request).await?;
        let Some(committed) = call.error_in_ok() else {
            return call
                .finish(self.0.complete(request).await)
                .map(S3Response::new);
        };
        if committed {
            self.0.complete(request).await?;
        }
        // An error whose status says 200; the late answer that `s3s` has for this
        // operation would begin with two XML declarations.
        call.finish(Err(scripted_error(200, "InternalError")))
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        scripted!(
            self,
            request,
            CreateMultipartUpload,
            request.input.key.clone(),
            create
        )
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        scripted!(
            self,
            request,
            AbortMultipartUpload,
            request.input.key.clone(),
            abort
        )
    }

    async fn list_parts(
        &self,
        request: S3Request<ListPartsInput>,
    ) -> S3Result<S3Response<ListPartsOutput>> {
        scripted!(self, request, ListParts, request.input.key.clone(), parts)
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        scripted!(self, request, ListMultipartUploads, String::new(), uploads)
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        scripted!(self, request, HeadObject, request.input.key.clone(), head)
    }

    async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        let subject = Subject {
            operation: Operation::GetObject,
            bucket: &bucket,
            key: &key,
            part_number: None,
        };
        let call = self.begin(subject, &request).await?;
        let cut = call.cut_body();
        let mut answer = self.0.get(request).await;
        if let (Ok(output), Some(bytes)) = (&mut answer, cut) {
            output.body = output.body.take().map(|body| cut_body(body, bytes));
        }
        call.finish(answer).map(S3Response::new)
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        scripted!(
            self,
            request,
            DeleteObject,
            request.input.key.clone(),
            delete
        )
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        scripted!(self, request, ListObjectsV2, String::new(), list)
    }

    async fn put_object_tagging(
        &self,
        request: S3Request<PutObjectTaggingInput>,
    ) -> S3Result<S3Response<PutObjectTaggingOutput>> {
        scripted!(
            self,
            request,
            PutObjectTagging,
            request.input.key.clone(),
            put_tags
        )
    }

    async fn get_object_tagging(
        &self,
        request: S3Request<GetObjectTaggingInput>,
    ) -> S3Result<S3Response<GetObjectTaggingOutput>> {
        scripted!(
            self,
            request,
            GetObjectTagging,
            request.input.key.clone(),
            get_tags
        )
    }

    async fn head_bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        scripted!(self, request, HeadBucket, String::new(), bucket)
    }
}
