//! Two streams, byte by byte.

use anyhow::Result;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

const BUFFER: usize = 256 * 1024;
/// How much of either side is shown at the first difference.
const CONTEXT: usize = 80;

/// What a comparison found.
pub(crate) enum Comparison {
    /// No difference, over that many bytes.
    Equal(u64),
    /// The first difference: its offset, and what either side has from there on.
    Different {
        offset: u64,
        left: String,
        right: String,
    },
}

/// Compares two streams to the end of the longer one or to the first difference.
pub(crate) async fn compare(
    left: impl AsyncRead + Unpin,
    right: impl AsyncRead + Unpin,
) -> Result<Comparison> {
    let mut left = BufReader::with_capacity(BUFFER, left);
    let mut right = BufReader::with_capacity(BUFFER, right);
    let mut offset = 0;
    loop {
        let (a, b) = (left.fill_buf().await?, right.fill_buf().await?);
        if a.is_empty() && b.is_empty() {
            return Ok(Comparison::Equal(offset));
        }
        let shared = a.len().min(b.len());
        let same = if a[..shared] == b[..shared] {
            shared
        } else {
            a.iter().zip(b).take_while(|(a, b)| a == b).count()
        };
        if same < shared || shared == 0 {
            return Ok(Comparison::Different {
                offset: offset + u64::try_from(same)?,
                left: excerpt(&a[same..]),
                right: excerpt(&b[same..]),
            });
        }
        left.consume(shared);
        right.consume(shared);
        offset += u64::try_from(shared)?;
    }
}

fn excerpt(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "(the end)".to_owned();
    }
    format!(
        "{:?}",
        String::from_utf8_lossy(&bytes[..bytes.len().min(CONTEXT)])
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn found(left: &[u8], right: &[u8]) -> Option<u64> {
        match compare(left, right).await.expect("slices read") {
            Comparison::Equal(_) => None,
            Comparison::Different { offset, .. } => Some(offset),
        }
    }

    #[tokio::test]
    async fn finds_the_first_difference() {
        let long = vec![7; 3 * BUFFER];
        let mut other = long.clone();
        assert_eq!(found(&long, &other).await, None);
        other[2 * BUFFER + 5] = 8;
        assert_eq!(found(&long, &other).await, Some(2 * 262_144 + 5));
        assert_eq!(found(&long, &long[..BUFFER]).await, Some(262_144));
        assert_eq!(found(b"", b"").await, None);
    }
}
