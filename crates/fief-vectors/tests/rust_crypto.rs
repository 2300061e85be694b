//! The vectors on the cryptographic backend that is not the default.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)] // Tests may panic.

use std::path::Path;

use fief_proto::Backend;
use fief_vectors::load::load;
use fief_vectors::run::run_with;
use fief_vectors::runner::ByHand;

#[test]
fn the_same_but_for_encrypted_tokens() {
    let vectors = load([Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")]).unwrap();
    let mut failures = Vec::new();
    for loaded in &vectors {
        let vector = loaded.vector();
        let found = run_with::<ByHand>(loaded, |config| config.crypto_backend(Backend::RustCrypto));
        // Encrypted tokens are not supported: building the client fails.
        let refused = |what: &String| what.contains("config/encryption_unavailable");
        if vector.config.encryption_key.is_none() || !found.iter().any(refused) {
            failures.extend(found.into_iter().map(|what| format!("{}: {what}", vector.id)));
        }
    }
    assert!(failures.is_empty(), "{} fail:\n{}", failures.len(), failures.join("\n"));
}
