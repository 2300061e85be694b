//! Changes while the server runs.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Client, Event, Store, User, sign_in::EmailCode};
use crate::{random::random_code, rules::field::stored_datetime, settings::user::FieldType};

/// The lifetime of a mailed code, in seconds.
const EMAIL_CODE_LIFETIME: i64 = 3600;

impl Store {
    fn user_mut(&mut self, id: Uuid) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.id == id)
    }

    /// Changes a user and sends the event. None if there is no such user.
    pub(crate) fn update_user(
        &mut self,
        id: Uuid,
        now: i64,
        change: impl FnOnce(&mut User),
    ) -> Option<()> {
        let user = self.user_mut(id)?;
        change(user);
        user.updated_at = now;
        self.tell("user.updated", &self.user_document(self.user(id)?));
        Some(())
    }

    /// Grants a permission, which is added if it does not exist. Returns whether the user exists
    /// and did not have it.
    pub(crate) fn grant(&mut self, user: Uuid, codename: &str, now: i64) -> bool {
        if self.user(user).is_none_or(|user| user.permissions.contains_key(codename)) {
            return false;
        }
        self.add_permission(codename.to_owned(), None, now);
        if let Some(user) = self.user_mut(user) {
            user.permissions.insert(codename.to_owned(), now);
        }
        self.tell_of_permission("user_permission.created", user, codename);
        true
    }

    /// Revokes a permission. Returns whether the user exists and had it.
    pub(crate) fn revoke(&mut self, user: Uuid, codename: &str) -> bool {
        if self.user(user).is_none_or(|user| !user.permissions.contains_key(codename)) {
            return false;
        }
        self.tell_of_permission("user_permission.deleted", user, codename);
        if let Some(user) = self.user_mut(user) {
            user.permissions.remove(codename);
        }
        true
    }

    fn tell_of_permission(&self, event_type: &'static str, user: Uuid, codename: &str) {
        let user = self.user(user);
        if let Some(document) = user.and_then(|user| self.user_permission_document(user, codename))
        {
            self.tell(event_type, &document);
        }
    }

    /// Changes a client and sends the event. None if there is no such client.
    pub(crate) fn update_client(
        &mut self,
        id: Uuid,
        now: i64,
        change: impl FnOnce(&mut Client),
    ) -> Option<()> {
        let client = self.clients.iter_mut().find(|client| client.id == id)?;
        change(client);
        client.updated_at = now;
        self.tell("client.updated", &self.client_document(self.client_by_id(id)?));
        Some(())
    }

    /// Changes these fields, if there are any, and returns the claims. Only here a datetime is
    /// shown with the offset that it came with; see [`stored_datetime`].
    pub(crate) fn update_fields(
        &mut self,
        user: Uuid,
        fields: Option<Map<String, Value>>,
        now: i64,
    ) -> Option<Map<String, Value>> {
        self.update_user(user, now, |user| user.fields.extend(fields.unwrap_or_default()))?;
        let definitions = &self.user_fields;
        let user = self.users.iter_mut().find(|found| found.id == user)?;
        let claims = user.claims(definitions);
        for field in definitions.iter().filter(|field| field.field_type == FieldType::Datetime) {
            if let Some(Value::String(shown)) = user.fields.get_mut(&field.slug) {
                *shown = stored_datetime(shown);
            }
        }
        Some(claims)
    }

    pub(crate) fn update_password(&mut self, user: Uuid, password: &str, now: i64) -> Option<()> {
        self.update_user(user, now, |user| password.clone_into(&mut user.password))
    }

    /// A new code for a user's new address; older codes become invalid.
    pub(crate) fn new_email_code(&mut self, user: Uuid, email: &str, now: i64) -> String {
        self.email_codes.retain(|other| other.user != user);
        let code = random_code();
        let waiting = EmailCode { user, email: email.to_owned() };
        self.email_codes.insert(code.clone(), waiting, now.saturating_add(EMAIL_CODE_LIFETIME));
        code
    }

    /// Makes the mailed address the verified one of this user. None if the code is not theirs.
    pub(crate) fn verify_email(&mut self, user: Uuid, code: &str, now: i64) -> Option<()> {
        let found = self.email_codes.find(code, now).filter(|found| found.user == user)?.clone();
        self.email_codes.remove(code);
        let user = self.user_mut(user)?;
        user.email = found.email;
        user.email_verified = true;
        user.updated_at = now;
        Some(())
    }

    /// Removes a user with their sessions, codes and refresh tokens. None if there is no such user.
    pub(crate) fn remove_user(&mut self, id: Uuid) -> Option<()> {
        let document = self.user_document(self.user(id)?);
        self.users.retain(|user| user.id != id);
        self.grants.retain(|(user, _), _| *user != id);
        self.sessions.retain(|session| session.user != id);
        self.codes.retain(|code| code.user != id);
        self.refresh_tokens.retain(|token| token.user != id);
        self.email_codes.retain(|code| code.user != id);
        self.tell("user.deleted", &document);
        Some(())
    }

    /// Removes a client with its codes and refresh tokens. None if there is no such client.
    pub(crate) fn remove_client(&mut self, id: Uuid) -> Option<()> {
        let document = self.client_document(self.client_by_id(id)?);
        self.clients.retain(|client| client.id != id);
        self.grants.retain(|(_, client), _| *client != id);
        self.login_sessions.retain(|login| login.client != id);
        self.codes.retain(|code| code.client != id);
        self.refresh_tokens.retain(|token| token.client != id);
        self.tell("client.deleted", &document);
        Some(())
    }

    /// Removes a permission, also from all users who have it. None if there is no such permission.
    pub(crate) fn remove_permission(&mut self, codename: &str) -> Option<()> {
        let document = self.permissions.remove(codename)?.document(codename);
        for user in &mut self.users {
            user.permissions.remove(codename);
        }
        self.tell("permission.deleted", &document);
        Some(())
    }

    /// Adds an event to the queues of its subscribers without blocking: if a queue is full, the
    /// event is lost.
    pub(super) fn tell(&self, event_type: &'static str, data: &Value) {
        for subscriber in &self.subscribers {
            let wanted = &subscriber.event_types;
            if wanted.is_empty() || wanted.iter().any(|wanted| wanted == event_type) {
                let _ = subscriber.queue.try_send(Event { event_type, data: data.clone() });
            }
        }
    }
}
