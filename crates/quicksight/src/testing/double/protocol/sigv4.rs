//! Verifies AWS signatures of version 4, over the body as it arrived.

use sha2::{Digest as _, Sha256};

use super::ServiceError;

/// What a signature covers.
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a str,
    /// The path as it was sent.
    pub(crate) path: &'a str,
    /// The query as it was sent, without `?`.
    pub(crate) query: &'a str,
    pub(crate) headers: &'a [(String, String)],
    pub(crate) body: &'a [u8],
}

/// Whose signature is accepted.
pub(crate) struct Signer<'a> {
    pub(crate) access_key_id: &'a str,
    pub(crate) secret_access_key: &'a str,
    pub(crate) region: &'a str,
    /// Whether the signature itself is verified, too.
    pub(crate) is_exact: bool,
}

/// Refuses a request that is not signed for `quicksight`, in the region, with the key, over its very bytes.
pub(crate) fn verify(request: &Signed<'_>, signer: &Signer<'_>) -> Result<(), ServiceError> {
    let header = |name: &str| {
        request
            .headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    let authorization = header("authorization")
        .ok_or_else(|| ServiceError::signature("the request is not signed"))?;
    let fields = authorization
        .strip_prefix("AWS4-HMAC-SHA256 ")
        .ok_or_else(|| ServiceError::signature("the signature is not of version 4"))?;
    let field = |name: &str| {
        fields
            .split(',')
            .find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
            .ok_or_else(|| {
                ServiceError::signature(format!("the Authorization header has no {name}"))
            })
    };
    let credential = field("Credential")?;
    let mut scope = credential.splitn(2, '/');
    let key = scope.next().unwrap_or_default();
    let scope = scope.next().unwrap_or_default();
    let date = header("x-amz-date")
        .ok_or_else(|| ServiceError::signature("there is no x-amz-date header"))?;
    let day = date.get(..8).unwrap_or_default();
    let expected = format!("{day}/{}/quicksight/aws4_request", signer.region);
    if scope != expected {
        return Err(ServiceError::signature(format!(
            "the credential should be scoped to {expected}, not to {scope}"
        )));
    }
    if key != signer.access_key_id {
        return Err(ServiceError::signature("the access key is not known"));
    }

    let names = field("SignedHeaders")?;
    if !names.split(';').any(|name| name == "host") {
        return Err(ServiceError::signature("the host is not signed"));
    }
    let mut canonical = format!(
        "{}\n{}\n{}\n",
        request.method,
        canonical_path(request.path),
        canonical_query(request.query)
    );
    for name in names.split(';') {
        let value = header(name).ok_or_else(|| {
            ServiceError::signature(format!("the signed header {name} is absent"))
        })?;
        let value: Vec<&str> = value.split_ascii_whitespace().collect();
        canonical.push_str(&format!("{name}:{}\n", value.join(" ")));
    }
    canonical.push_str(&format!(
        "\n{names}\n{}",
        hex(&Sha256::digest(request.body))
    ));

    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{date}\n{scope}\n{}",
        hex(&Sha256::digest(canonical))
    );
    let mut signing_key = hmac(
        format!("AWS4{}", signer.secret_access_key).as_bytes(),
        day.as_bytes(),
    );
    for part in [signer.region, "quicksight", "aws4_request"] {
        signing_key = hmac(&signing_key, part.as_bytes());
    }
    if !signer.is_exact || hex(&hmac(&signing_key, to_sign.as_bytes())) == field("Signature")? {
        Ok(())
    } else {
        Err(ServiceError::signature(
            "the signature does not cover this request",
        ))
    }
}

/// Each segment, encoded as it was sent, is encoded once more.
fn canonical_path(path: &str) -> String {
    path.split('/').map(encode).collect::<Vec<_>>().join("/")
}

fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = super::super::server::pairs(query)
        .iter()
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 64;
    let mut block = if key.len() > BLOCK {
        Sha256::digest(key).to_vec()
    } else {
        key.to_vec()
    };
    block.resize(BLOCK, 0);
    let pad = |with: u8| block.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(message)
        .finalize();
    Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner)
        .finalize()
        .to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn hmac_of_the_rfc() {
        assert_eq!(
            hex(&hmac(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
