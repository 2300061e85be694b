//! The asymmetric part, in two backends, each passed explicitly: nothing here is process-wide.

#[cfg(feature = "aws-lc-rs")]
mod aws_lc;
pub(crate) mod content;
#[cfg(feature = "rust-crypto")]
mod rust_crypto;

use std::{fmt, mem};

use crate::{base::secret::Wiped, error::local::ConfigError};

/// Which library checks signatures and unwraps keys.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Backend {
    /// AWS-LC, with keys parsed once. The default where the feature `aws-lc-rs` is on.
    AwsLcRs,
    /// A check of signatures of your own, for a target that has cryptography of its own. Encrypted
    /// ID tokens are still opened by AWS-LC, where it is compiled in.
    Custom(&'static dyn VerifyRs256),
    /// Pure Rust, without a C compiler and about twelve times slower. It does not decrypt ID
    /// tokens while RUSTSEC-2023-0071 is open.
    RustCrypto,
}

/// RS256 (RSASSA-PKCS1-v1_5 with SHA-256, RFC 7518 section 3.3) of your own, for
/// [`Backend::Custom`].
///
/// Everything that this crate says of tokens depends on this answer. Only for fuzzing may an
/// implementation accept everything.
pub trait VerifyRs256: fmt::Debug + Send + Sync {
    /// Whether this is the signature of the message by the key with this modulus and public
    /// exponent, both big-endian without leading zeros. Their size and form were checked.
    fn verify(&self, n: &[u8], e: &[u8], message: &[u8], signature: &[u8]) -> bool;
}

impl Backend {
    /// The backend asked for, or the faster of those compiled in.
    pub(crate) fn available(asked: Option<Self>) -> Result<Self, ConfigError> {
        if let Some(custom @ Self::Custom(_)) = asked {
            return Ok(custom);
        }
        let compiled: &[Self] = &[
            #[cfg(feature = "aws-lc-rs")]
            Self::AwsLcRs,
            #[cfg(feature = "rust-crypto")]
            Self::RustCrypto,
        ];
        compiled
            .iter()
            .copied()
            .find(|backend| {
                asked.is_none_or(|asked| mem::discriminant(&asked) == mem::discriminant(backend))
            })
            .ok_or_else(|| {
                ConfigError::new(
                    "no_backend",
                    "this cryptographic backend is not compiled in; turn on the feature \
                     `aws-lc-rs` or `rust-crypto` of fief-proto",
                )
            })
    }
}

/// A key that checks RS256.
pub(crate) enum RsaPublicKey {
    #[cfg(feature = "aws-lc-rs")]
    AwsLc(aws_lc::PublicKey),
    Custom {
        n: Vec<u8>,
        e: Vec<u8>,
        backend: &'static dyn VerifyRs256,
    },
    #[cfg(feature = "rust-crypto")]
    RustCrypto(rust_crypto::PublicKey),
}

impl RsaPublicKey {
    /// None if the backend does not accept the key.
    pub(crate) fn new(n: &[u8], e: &[u8], backend: Backend) -> Option<Self> {
        match backend {
            #[cfg(feature = "aws-lc-rs")]
            Backend::AwsLcRs => aws_lc::PublicKey::new(n, e).map(Self::AwsLc),
            Backend::Custom(backend) => {
                Some(Self::Custom { n: n.to_vec(), e: e.to_vec(), backend })
            }
            #[cfg(feature = "rust-crypto")]
            Backend::RustCrypto => rust_crypto::PublicKey::new(n, e).map(Self::RustCrypto),
            #[allow(unreachable_patterns, reason = "depends on the features")]
            _ => None,
        }
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            #[cfg(feature = "aws-lc-rs")]
            Self::AwsLc(key) => key.verify(message, signature),
            Self::Custom { n, e, backend } => backend.verify(n, e, message, signature),
            #[cfg(feature = "rust-crypto")]
            Self::RustCrypto(key) => key.verify(message, signature),
        }
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
    pub n: Wiped,
    pub e: Wiped,
    pub d: Wiped,
    pub p: Wiped,
    pub q: Wiped,
    pub dp: Wiped,
    pub dq: Wiped,
    pub qi: Wiped,
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
            Backend::AwsLcRs | Backend::Custom(_) => {
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
                    "encrypted ID tokens need the backend `aws-lc-rs`: the pure-Rust one leaks the \
                     key through timing (RUSTSEC-2023-0071)",
                ))
            }
        }
    }

    /// The wrapped key, or none, for whatever reason.
    pub(crate) fn unwrap_oaep_256(&self, wrapped: &[u8]) -> Option<Wiped> {
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
