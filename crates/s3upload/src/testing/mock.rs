//! A mock for tests that set expectations call by call.

use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    checksum::Crc64,
    spec::{Guard, ObjectAddress, ObjectSpec},
    store::{
        ChecksumMode, MultipartUpload, ObjectInfo, ObjectStore, PartAck, PartBody, Proof,
        Published, StoreError, StoreProfile,
    },
};

mockall::mock! {
    /// An [`ObjectStore`] whose every call must be expected (`mockall`).
    #[derive(Debug)]
    pub ObjectStore {}

    #[async_trait]
    impl ObjectStore for ObjectStore {
        fn profile(&self) -> StoreProfile;
        async fn create_upload(&self, spec: &ObjectSpec) -> Result<MultipartUpload, StoreError>;
        async fn upload_part(&self, upload: &MultipartUpload, part: PartBody) -> Result<PartAck, StoreError>;
        async fn complete_upload(
            &self,
            upload: &MultipartUpload,
            parts: &[PartAck],
            proof: &Proof,
            guard: &Guard,
        ) -> Result<Published, StoreError>;
        async fn abort_upload(&self, upload: &MultipartUpload) -> Result<(), StoreError>;
        async fn put_object(
            &self,
            spec: &ObjectSpec,
            body: Bytes,
            crc64nvme: Crc64,
            guard: &Guard,
        ) -> Result<Published, StoreError>;
        async fn head_object(
            &self,
            address: &ObjectAddress,
            version_id: Option<String>,
            checksum: ChecksumMode,
        ) -> Result<Option<ObjectInfo>, StoreError>;
        async fn list_parts(&self, upload: &MultipartUpload) -> Result<Vec<PartAck>, StoreError>;
        async fn list_uploads(&self, prefix: &ObjectAddress) -> Result<Vec<MultipartUpload>, StoreError>;
        async fn put_tags(&self, address: &ObjectAddress, tags: &[(String, String)]) -> Result<(), StoreError>;
    }
}
