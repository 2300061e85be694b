//! What scopes mean.

/// What a scope lets a client do, for those who know it by no other name.
pub(super) fn explained(scope: &str) -> Option<&'static str> {
    match scope {
        "openid" => Some("see who you are: your email address and your profile"),
        "offline_access" => Some("keep this access while you are away"),
        _ => None,
    }
}
