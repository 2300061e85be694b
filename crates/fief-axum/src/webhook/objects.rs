//! The objects that events are about, as Fief's admin API shows them.
//!
//! Each has the usual fields, and keeps all others in `rest`.

use std::fmt;

use fief_hyper::Secret;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

macro_rules! objects {
    ($(
        $(#[$about:meta])*
        $name:ident { $( $(#[$field_about:meta])* $field:ident: $type:ty, )* }
    )*) => {
        $(
            $(#[$about])*
            #[derive(Clone, Deserialize, PartialEq)]
            #[non_exhaustive]
            pub struct $name {
                $( $(#[$field_about])* pub $field: $type, )*
                /// The other fields, by name.
                #[serde(flatten)]
                pub rest: Map<String, Value>,
            }

            impl fmt::Debug for $name {
                /// Without the other fields: those of a later server may be secret.
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.debug_struct(stringify!($name))
                        $(.field(stringify!($field), &self.$field))*
                        .finish_non_exhaustive()
                }
            }
        )*
    };
}

objects! {
    /// A client of Fief: a program that signs users in.
    Client {
        /// Its ID in the admin API.
        id: Uuid,
        /// Its name.
        name: String,
        /// `public` or `confidential`.
        client_type: String,
        /// Its ID in the protocol.
        client_id: String,
        /// Its secret in the protocol.
        client_secret: Secret,
        /// The redirect URIs that are registered.
        redirect_uris: Vec<String>,
        /// Whether users are not asked for consent.
        first_party: bool,
        /// Its tenant.
        tenant_id: Uuid,
    }

    /// A mail that Fief sends.
    EmailTemplate {
        /// Its ID.
        id: Uuid,
        /// Which mail it is, `WELCOME` for example.
        #[serde(rename = "type")]
        kind: String,
        /// Its subject, as a template.
        subject: String,
        /// Its body, as a template.
        content: String,
    }

    /// Another provider with which users may sign in to Fief.
    OAuthProvider {
        /// Its ID.
        id: Uuid,
        /// Which one it is, `GITHUB` for example.
        provider: String,
        /// The name that Fief shows; none for that of the provider.
        #[serde(default)]
        name: Option<String>,
        /// Fief's ID there.
        client_id: String,
        /// Fief's secret there.
        client_secret: Secret,
        /// The scopes that Fief requests there.
        scopes: Vec<String>,
    }

    /// Something that users may be allowed to do.
    Permission {
        /// Its ID.
        id: Uuid,
        /// Its name, for people.
        name: String,
        /// Its name in access tokens, `castles:read` for example.
        codename: String,
    }

    /// A set of permissions.
    Role {
        /// Its ID.
        id: Uuid,
        /// Its name.
        name: String,
        /// Whether new users get it.
        granted_by_default: bool,
        /// What it permits; none where the event is about a user's role.
        #[serde(default)]
        permissions: Vec<Permission>,
    }

    /// A tenant.
    Tenant {
        /// Its ID.
        id: Uuid,
        /// Its name.
        name: String,
        /// Its name in URLs.
        slug: String,
        /// Whether it is the one without a slug in its URLs.
        default: bool,
        /// Whether users may register themselves.
        registration_allowed: bool,
    }

    /// A user.
    User {
        /// The user's ID, which is `sub` in tokens.
        id: Uuid,
        /// The email address.
        email: String,
        /// Whether the user has shown that the address is theirs.
        email_verified: bool,
        /// Whether the user may sign in.
        is_active: bool,
        /// The user's tenant.
        tenant_id: Uuid,
        /// The user fields of the workspace.
        #[serde(default)]
        fields: Map<String, Value>,
    }

    /// A field of the users.
    UserField {
        /// Its ID.
        id: Uuid,
        /// Its name, for people.
        name: String,
        /// Its name in the claims of users.
        slug: String,
        /// What it holds, `STRING` for example.
        #[serde(rename = "type")]
        kind: String,
        /// Where users are asked for it, and what values it may have.
        configuration: Map<String, Value>,
    }

    /// A permission that a user has.
    UserPermission {
        /// The user.
        user_id: Uuid,
        /// The permission.
        permission_id: Uuid,
        /// The role that it comes from, if it comes from one.
        #[serde(default)]
        from_role_id: Option<Uuid>,
        /// The permission itself.
        permission: Permission,
    }

    /// A role that a user has.
    UserRole {
        /// The user.
        user_id: Uuid,
        /// The role.
        role_id: Uuid,
        /// The role itself.
        role: Role,
    }
}
