//! The asymmetric part, in two backends, each passed explicitly: nothing here is process-wide.

#[cfg(feature = "aws-lc-rs")]
mod aws_lc;
pub(crate) mod content;
#[cfg(feature = "rust-crypto")]
mod rust_crypto;

use std::fmt;

use zeroize::Zeroizing;

use crate::ConfigError;

/// Which library checks signatures and unwraps keys.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Backend {
    /// AWS-LC, with keys parsed once. The default where the feature `aws-lc-rs` is on.
    AwsLcRs,
    /// Pure Rust, without a C compiler and about twelve times slower. It does not decrypt ID
    /// tokens while RUSTSEC-2023-0071 is open, and takes keys of up to 4096 bits.
    RustCrypto,
}

impl Backend {
    /// The backend asked for, or the better of those compiled in.
    pub(crate) fn available(asked: Option<Self>) -> Result<Self, ConfigError> {
        let compiled: &[Self] = &[
            #[cfg(feature = "aws-lc-rs")]
            Self::AwsLcRs,
            #[cfg(feature = "rust-crypto")]
            Self::RustCrypto,
        ];
        compiled
            .iter()
            .copied()
            .find(|backend| asked.is_none_or(|asked| asked == *backend))
            .ok_or_else(|| {
                ConfigError::new(
                    "no_backend",
                    "this cryptographic backend is not compiled in; turn on the feature \
                     `aws-lc-rs` or `rust-crypto` of fief-proto",
                )
            })
    }
}

/// Whether a wrong signature counts as a good one. Three things have to come together: a feature
/// whose name says so, a build for a fuzzer, and debug assertions.
const TAKES_ANY_SIGNATURE: bool =
    cfg!(all(feature = "dangerous-accept-any-signature-for-fuzzing", fuzzing, debug_assertions));

#[cfg(all(feature = "dangerous-accept-any-signature-for-fuzzing", not(debug_assertions)))]
compile_error!(
    "the feature `dangerous-accept-any-signature-for-fuzzing` of fief-proto is for its fuzz \
     targets; a build without debug assertions must not have it"
);

/// A key that checks RS256.
pub(crate) enum RsaPublicKey {
    #[cfg(feature = "aws-lc-rs")]
    AwsLc(aws_lc::PublicKey),
    #[cfg(feature = "rust-crypto")]
    RustCrypto(rust_crypto::PublicKey),
}

impl RsaPublicKey {
    /// None if the backend does not take the key.
    pub(crate) fn new(n: &[u8], e: &[u8], backend: Backend) -> Option<Self> {
        match backend {
            #[cfg(feature = "aws-lc-rs")]
            Backend::AwsLcRs => aws_lc::PublicKey::new(n, e).map(Self::AwsLc),
            #[cfg(feature = "rust-crypto")]
            Backend::RustCrypto => rust_crypto::PublicKey::new(n, e).map(Self::RustCrypto),
            #[allow(unreachable_patterns, reason = "depends on the features")]
            _ => {
                let _ = (n, e);
                None
            }
        }
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let is_good = match self {
            #[cfg(feature = "aws-lc-rs")]
            Self::AwsLc(key) => key.verify(message, signature),
            #[cfg(feature = "rust-crypto")]
            Self::RustCrypto(key) => key.verify(message, signature),
            #[cfg(not(any(feature = "aws-lc-rs", feature = "rust-crypto")))]
            _ => {
                let _ = (message, signature);
                false
            }
        };
        is_good || TAKES_ANY_SIGNATURE
    }
}

impl fmt::Debug for RsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaPublicKey")
    }
}

/// The numbers of an RSA private key, big-endian, without leading zeros.
#[cfg_attr(not(feature = "aws-lc-rs"), expect(dead_code, reason = "no other backend decrypts"))]
pub(crate) struct RsaComponents {
    pub n: Zeroizing<Vec<u8>>,
    pub e: Zeroizing<Vec<u8>>,
    pub d: Zeroizing<Vec<u8>>,
    pub p: Zeroizing<Vec<u8>>,
    pub q: Zeroizing<Vec<u8>>,
    pub dp: Zeroizing<Vec<u8>>,
    pub dq: Zeroizing<Vec<u8>>,
    pub qi: Zeroizing<Vec<u8>>,
}

/// A key that unwraps RSA-OAEP-256.
pub(crate) enum RsaPrivateKey {
    #[cfg(feature = "aws-lc-rs")]
    AwsLc(aws_lc::PrivateKey),
}

impl RsaPrivateKey {
    pub(crate) fn new(components: &RsaComponents, backend: Backend) -> Result<Self, ConfigError> {
        match backend {
            #[cfg(feature = "aws-lc-rs")]
            Backend::AwsLcRs => {
                aws_lc::PrivateKey::new(components).map(Self::AwsLc).ok_or_else(|| {
                    ConfigError::new(
                        "encryption_key",
                        "the encryption key's numbers do not fit together",
                    )
                })
            }
            _ => {
                let _ = components;
                Err(ConfigError::new(
                    "encryption_unavailable",
                    "encrypted ID tokens take the backend `aws-lc-rs`: the pure-Rust one leaks the \
                     key through timing (RUSTSEC-2023-0071)",
                ))
            }
        }
    }

    /// The wrapped key, or none, for whatever reason.
    pub(crate) fn unwrap_oaep_256(&self, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            #[cfg(feature = "aws-lc-rs")]
            Self::AwsLc(key) => key.unwrap_oaep_256(wrapped),
            #[cfg(not(feature = "aws-lc-rs"))]
            _ => {
                let _ = wrapped;
                None
            }
        }
    }
}

impl fmt::Debug for RsaPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaPrivateKey([redacted])")
    }
}
