//! The events of webhooks.

use fief_hyper::WebhookEvent;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tracing::warn;

use super::objects::{
    Client, EmailTemplate, OAuthProvider, Permission, Role, Tenant, User, UserField,
    UserPermission, UserRole,
};

macro_rules! events {
    ($($name:literal => $variant:ident($object:ty): $about:literal;)*) => {
        /// An event with its object, as it is after the event, or was before it was deleted.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Event {
            $(
                #[doc = concat!("`", $name, "`: ", $about)]
                $variant($object),
            )*
            /// An event that this version does not know, or whose form it does not know.
            Other(WebhookEvent),
        }

        impl Event {
            /// The type of the event, `user.created` for example.
            pub fn event_type(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $name,)*
                    Self::Other(event) => &event.event_type,
                }
            }
        }

        impl From<WebhookEvent> for Event {
            fn from(event: WebhookEvent) -> Self {
                let typed = match event.event_type.as_str() {
                    $($name => object(&event.data).map(Self::$variant),)*
                    _ => return Self::Other(event),
                };
                typed.unwrap_or_else(|error| {
                    // A signed event is passed on even if its fields have changed.
                    warn!("an event of a known type has an unknown form: {}", error);
                    Self::Other(event)
                })
            }
        }
    };
}

events! {
    "client.created" => ClientCreated(Client): "a client was registered.";
    "client.deleted" => ClientDeleted(Client): "a client is gone.";
    "client.updated" => ClientUpdated(Client): "a client was changed.";
    "email_template.updated" => EmailTemplateUpdated(EmailTemplate): "a mail reads otherwise.";
    "oauth_provider.created" => OAuthProviderCreated(OAuthProvider): "users may sign in there, too.";
    "oauth_provider.deleted" => OAuthProviderDeleted(OAuthProvider): "a provider is gone.";
    "oauth_provider.updated" => OAuthProviderUpdated(OAuthProvider): "a provider was changed.";
    "permission.created" => PermissionCreated(Permission): "there is a new permission.";
    "permission.deleted" => PermissionDeleted(Permission): "a permission is gone.";
    "permission.updated" => PermissionUpdated(Permission): "a permission was changed.";
    "role.created" => RoleCreated(Role): "there is a new role.";
    "role.deleted" => RoleDeleted(Role): "a role is gone.";
    "role.updated" => RoleUpdated(Role): "a role, or what it permits, was changed.";
    "tenant.created" => TenantCreated(Tenant): "there is a new tenant.";
    "tenant.deleted" => TenantDeleted(Tenant): "a tenant is gone.";
    "tenant.updated" => TenantUpdated(Tenant): "a tenant was changed.";
    "user.created" => UserCreated(User): "a user was registered.";
    "user.deleted" => UserDeleted(User): "a user is gone.";
    "user.forgot_password_requested" => UserForgotPasswordRequested(User):
        "a user has asked for a new password.";
    "user.password_reset" => UserPasswordReset(User): "a user has a new password.";
    "user.updated" => UserUpdated(User): "a user was changed.";
    "user_field.created" => UserFieldCreated(UserField): "users have a new field.";
    "user_field.deleted" => UserFieldDeleted(UserField): "a field of the users is gone.";
    "user_field.updated" => UserFieldUpdated(UserField): "a field of the users was changed.";
    "user_permission.created" => UserPermissionCreated(UserPermission):
        "a user was given a permission.";
    "user_permission.deleted" => UserPermissionDeleted(UserPermission):
        "a permission of a user was removed.";
    "user_role.created" => UserRoleCreated(UserRole): "a user was given a role.";
    "user_role.deleted" => UserRoleDeleted(UserRole): "a role of a user was removed.";
}

/// The error of serde is not shown, because it could quote the data.
fn object<T: DeserializeOwned>(data: &Value) -> Result<T, String> {
    T::deserialize(data).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => "a field is missing or of another type".to_owned(),
        _ => "it is not an object".to_owned(),
    })
}
