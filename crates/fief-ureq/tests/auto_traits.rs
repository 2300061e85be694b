//! What a client must be to be shared: checked by the compiler.

use fief_ureq::{Error, Fief, FiefBuilder, TransportError};

#[test]
fn a_client_is_shared_between_threads() {
    fn is_shared<T: Clone + Send + Sync + 'static>() {}
    fn is_sent<T: Send + 'static>() {}
    fn is_error<T: std::error::Error + Clone + Send + Sync + 'static>() {}

    is_shared::<Fief>();
    is_sent::<FiefBuilder>();
    is_error::<Error>();
    is_error::<TransportError>();
    assert!(size_of::<Fief>() <= size_of::<usize>(), "cheap to clone: one pointer");
}
