//! What changes while the server runs.

use uuid::Uuid;

use super::{
    Client, User, World,
    redirect_uri::{RedirectUriError, redirect_uri},
};

impl World {
    /// Changes a user and tells of it. None if there is none.
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

    /// Gives a user a permission, which is added if it isn't there. Whether the user exists and
    /// did not have it.
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

    /// Takes a permission from a user. Whether the user exists and had it.
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

    /// Changes a client and tells of it. None if there is none.
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

    /// Adds a redirect URI to a client, in the form that is compared, unless it is there. None if
    /// there is no such client.
    pub(crate) fn add_redirect_uri(
        &mut self,
        client: Uuid,
        uri: &str,
        now: i64,
    ) -> Result<Option<()>, RedirectUriError> {
        let uri = redirect_uri(uri)?;
        Ok(self.update_client(client, now, |client| {
            if !client.redirect_uris.contains(&uri) {
                client.redirect_uris.push(uri);
            }
        }))
    }

    /// Takes a redirect URI from a client, by the exact text. None if there is no such client.
    pub(crate) fn remove_redirect_uri(&mut self, client: Uuid, uri: &str, now: i64) -> Option<()> {
        self.update_client(client, now, |client| client.redirect_uris.retain(|kept| kept != uri))
    }
}
