//! Stored bytes back to text, for whoever reads a dump: restores, comparisons, proofs.

use async_compression::tokio::bufread::{GzipDecoder, ZstdDecoder};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead};

/// Reads a stored dump as text, whatever its codec is.
///
/// The codec is told by the first bytes, not by a name. Every gzip member and every zstd
/// frame is read, to the end of the stream; text that is neither is handed on as it is.
///
/// # Errors
///
/// An error of the reader itself. Damage and truncation inside gzip or zstd show up as
/// errors of the returned reader.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use tokio::io::AsyncReadExt;
///
/// let mut text = String::new();
/// let stored: &[u8] = b"-- plain SQL\n";
/// datatransit_dump::decompressed(stored).await?.read_to_string(&mut text).await?;
/// assert_eq!(text, "-- plain SQL\n");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn decompressed<'a, R>(
    mut reader: R,
) -> std::io::Result<Box<dyn AsyncRead + Unpin + Send + 'a>>
where
    R: AsyncBufRead + Unpin + Send + 'a,
{
    let start = reader.fill_buf().await?;
    if start.starts_with(&[0x1F, 0x8B]) {
        let mut decoder = GzipDecoder::new(reader);
        decoder.multiple_members(true);
        Ok(Box::new(decoder))
    } else if start.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
        let mut decoder = ZstdDecoder::new(reader);
        decoder.multiple_members(true);
        Ok(Box::new(decoder))
    } else {
        Ok(Box::new(reader))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::super::{Compression, Encoder};
    use super::*;

    #[tokio::test]
    async fn every_codec_is_recognised_and_read_to_its_end() {
        for compression in [
            Compression::None,
            Compression::GZIP,
            Compression::GZIP_SINGLE,
            Compression::ZSTD,
        ] {
            let mut encoder = Encoder::new(compression).unwrap();
            let mut stored = encoder.block(b"INSERT 1;\n".to_vec()).unwrap();
            stored.extend(encoder.block(b"INSERT 2;\n".to_vec()).unwrap());
            stored.extend(encoder.finish().unwrap());
            let mut text = String::new();
            decompressed(stored.as_slice())
                .await
                .unwrap()
                .read_to_string(&mut text)
                .await
                .unwrap();
            assert_eq!(text, "INSERT 1;\nINSERT 2;\n", "{compression:?}");
        }
    }

    #[tokio::test]
    async fn a_truncated_member_is_an_error() {
        let mut encoder = Encoder::new(Compression::GZIP).unwrap();
        let stored = encoder.block(vec![b'x'; 100_000]).unwrap();
        let cut = &stored[..stored.len() - 5];
        let mut text = Vec::new();
        let error = decompressed(cut)
            .await
            .unwrap()
            .read_to_end(&mut text)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    }
}
