//! Changes from code while a server runs. The admin API and the admin pages make the same ones.

use fief_proto::Secret;
use uuid::Uuid;

use crate::{
    ChangeError, DevServer, StartError, User,
    endpoint::token::{Subject, issue},
    world,
};

impl DevServer {
    /// Adds a user.
    ///
    /// # Errors
    ///
    /// [`StartError::User`] if the address is taken, [`StartError::Tenant`] if there is no such
    /// tenant.
    pub fn add_user(&self, user: User) -> Result<Uuid, StartError> {
        let now = self.app.now();
        self.app.world().add_user(user, now)
    }

    /// Takes a user away with its sessions, codes and refresh tokens. Its access tokens stay
    /// valid where they are validated without asking the server.
    ///
    /// With several tenants, a user of the default one goes before those of others.
    ///
    /// # Errors
    ///
    /// [`ChangeError::UnknownUser`].
    pub fn remove_user(&self, email: &str) -> Result<(), ChangeError> {
        let mut world = self.app.world();
        let user = user_by_email(&world, email)?;
        world.remove_user(user);
        Ok(())
    }

    /// Gives a user a permission by its codename, which is added if it isn't there. Tokens that
    /// are issued from then on have it.
    ///
    /// With several tenants, a user of the default one goes before those of others.
    ///
    /// # Errors
    ///
    /// [`ChangeError::UnknownUser`].
    pub fn grant(&self, email: &str, codename: &str) -> Result<(), ChangeError> {
        let now = self.app.now();
        let mut world = self.app.world();
        let user = user_by_email(&world, email)?;
        world.grant(user, codename, now);
        Ok(())
    }

    /// Adds a redirect URI to a client, as it is written: for a program that takes whichever port
    /// is free.
    ///
    /// # Errors
    ///
    /// [`ChangeError::UnknownClient`].
    pub fn add_redirect_uri(&self, client_id: &str, uri: &str) -> Result<(), ChangeError> {
        let now = self.app.now();
        let mut world = self.app.world();
        let client = world.client(client_id).map(|client| client.id);
        let added = client.and_then(|client| {
            world.update_client(client, now, |client| {
                if !client.redirect_uris.iter().any(|known| known == uri) {
                    client.redirect_uris.push(uri.to_owned());
                }
            })
        });
        added.ok_or_else(|| ChangeError::UnknownClient(client_id.to_owned()))
    }

    /// Takes a permission from a user; does nothing where the user has not got it. Tokens that are
    /// issued from then on are without it.
    ///
    /// With several tenants, a user of the default one goes before those of others.
    ///
    /// # Errors
    ///
    /// [`ChangeError::UnknownUser`].
    pub fn revoke(&self, email: &str, codename: &str) -> Result<(), ChangeError> {
        let mut world = self.app.world();
        let user = user_by_email(&world, email)?;
        world.revoke(user, codename);
        Ok(())
    }

    /// An access token for a user of that client's tenant, without a sign-in. Its ACR is `"0"`,
    /// because no password was given: sign in where level one is needed.
    ///
    /// # Errors
    ///
    /// [`ChangeError::UnknownClient`], [`ChangeError::UnknownUser`].
    pub fn access_token(
        &self,
        email: &str,
        client_id: &str,
        scope: &[&str],
    ) -> Result<Secret, ChangeError> {
        let world = self.app.world();
        let client = world.client(client_id);
        let client = client.ok_or_else(|| ChangeError::UnknownClient(client_id.to_owned()))?;
        let user = world.user_by_email(client.tenant, email);
        let user = user.ok_or_else(|| ChangeError::UnknownUser(email.to_owned()))?;
        let scope: Vec<_> = scope.iter().map(|&scope| scope.to_owned()).collect();
        let token = directly_issued(&self.app, &world, client, user, &scope);
        Ok(token.ok_or(ChangeError::NotSigned)?.into())
    }
}

/// In the default tenant, or else in the first that has one.
fn user_by_email(world: &world::World, email: &str) -> Result<Uuid, ChangeError> {
    let found = world.tenants().find_map(|tenant| world.user_by_email(tenant.id, email));
    found.map(|user| user.id).ok_or_else(|| ChangeError::UnknownUser(email.to_owned()))
}

/// An access token that nobody signed in for. None if it can't be signed.
pub(crate) fn directly_issued(
    app: &crate::http::App,
    world: &world::World,
    client: &world::Client,
    user: &world::User,
    scope: &[String],
) -> Option<String> {
    let subject = Subject {
        tenant: world.tenant_by_id(client.tenant)?,
        client,
        user,
        authenticated_at: app.now(),
        acr: "0",
        scope,
    };
    issue::access_token(app, &subject, None)
}
