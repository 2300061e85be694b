//! RS256 and RSA-OAEP-256 by AWS-LC.

use aws_lc_rs::{
    digest::{SHA256, digest},
    encoding::AsDer as _,
    rsa::{
        KeyPair, KeyPairComponents, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey,
        PrivateDecryptingKey, PublicKeyComponents,
    },
    signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256},
};

use super::RsaComponents;
use crate::base::secret::Wiped;

/// A key parsed once, when the key set is read: parsing costs 12 to 15 % of a check.
pub(crate) struct PublicKey(ParsedPublicKey);

impl PublicKey {
    pub(crate) fn new(n: &[u8], e: &[u8]) -> Option<Self> {
        PublicKeyComponents { n, e }
            .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
            .ok()
            .map(Self)
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        // Hashing and checking in two steps is faster: AWS-LC need not create a context for both.
        self.0.verify_digest_sig(&digest(&SHA256, message), signature).is_ok()
    }
}

pub(crate) struct PrivateKey(OaepPrivateDecryptingKey);

impl PrivateKey {
    pub(crate) fn new(components: &RsaComponents) -> Option<Self> {
        let pair = KeyPair::from_components(&KeyPairComponents {
            public_key: PublicKeyComponents {
                n: components.n.as_slice(),
                e: components.e.as_slice(),
            },
            d: components.d.as_slice(),
            p: components.p.as_slice(),
            q: components.q.as_slice(),
            dP: components.dp.as_slice(),
            dQ: components.dq.as_slice(),
            qInv: components.qi.as_slice(),
        })
        .ok()?;
        // The one public way from components to a decrypting key leads through PKCS#8.
        let pkcs8 = pair.as_der().ok()?;
        let key = PrivateDecryptingKey::from_pkcs8(pkcs8.as_ref()).ok()?;
        OaepPrivateDecryptingKey::new(key).ok().map(Self)
    }

    pub(crate) fn unwrap_oaep_256(&self, wrapped: &[u8]) -> Option<Wiped> {
        let mut plaintext = Wiped::from(vec![0; self.0.min_output_size()]);
        let length =
            self.0.decrypt(&OAEP_SHA256_MGF1SHA256, wrapped, &mut plaintext, None).ok()?.len();
        plaintext.truncate(length);
        Some(plaintext)
    }
}
