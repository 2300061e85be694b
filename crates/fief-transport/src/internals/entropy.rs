//! Random numbers from the operating system, for the core, which asks it for nothing.

use std::io;

use fief_proto::{EntropyError, Error, Pkce, Secret};
use zeroize::Zeroizing;

/// So many random bytes, wiped on drop.
///
/// # Errors
///
/// [`Error::Entropy`] if the operating system has none.
pub fn entropy<const N: usize>() -> Result<Zeroizing<[u8; N]>, Error> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice())
        .map_err(|error| EntropyError::new(io::Error::from(error)))?;
    Ok(bytes)
}

/// A verifier for PKCE.
///
/// # Errors
///
/// [`Error::Entropy`] if the operating system has no random numbers.
pub fn pkce() -> Result<Pkce, Error> {
    Ok(Pkce::from_entropy(&*entropy::<32>()?))
}

/// A string that can't be guessed, for a `state` or a `nonce`: 43 characters.
///
/// # Errors
///
/// [`Error::Entropy`] if the operating system has no random numbers.
pub fn random_string() -> Result<Secret, Error> {
    // A verifier has the right length, alphabet and randomness for these too.
    Ok(pkce()?.verifier().clone())
}
