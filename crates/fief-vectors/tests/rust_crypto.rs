//! The vectors on the cryptographic backend that is not the default.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)] // Tests may panic.

use std::path::Path;

use fief_proto::Backend;
use fief_vectors::load::load;
use fief_vectors::run::run_with;
use fief_vectors::runner::ByHand;

/// What this backend can't do, with the reason; each must fail.
const LIMITS: [(&str, &str); 1] = [("keys/rsa-8192", "it takes moduli of 4096 bits at most")];

#[test]
fn the_same_but_for_its_limits() {
    let vectors = load([Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")]).unwrap();
    let mut failures = Vec::new();
    for loaded in &vectors {
        let vector = loaded.vector();
        let found = run_with::<ByHand>(loaded, |config| config.crypto_backend(Backend::RustCrypto));
        if let Some((id, limit)) = LIMITS.iter().find(|(id, _)| *id == vector.id) {
            if found.is_empty() {
                failures.push(format!("{id} passes, although {limit}"));
            }
            continue;
        }
        // Encrypted tokens are not offered, and that is said when the client is built.
        let refused = |what: &String| what.contains("config/encryption_unavailable");
        if vector.config.encryption_key.is_none() || !found.iter().any(refused) {
            failures.extend(found.into_iter().map(|what| format!("{}: {what}", vector.id)));
        }
    }
    assert!(failures.is_empty(), "{} fail:\n{}", failures.len(), failures.join("\n"));
}
