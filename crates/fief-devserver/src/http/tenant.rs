//! Which tenant a path names.

use std::collections::HashMap;

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use uuid::Uuid;

use super::{App, Refusal};
use crate::world::{Tenant, World};

/// The tenant that the path names: the default one, or one by its slug in front.
pub(crate) struct InTenant(Uuid);

impl InTenant {
    pub(crate) fn id(&self) -> Uuid {
        self.0
    }

    /// None goes away while the server runs, so that the default one never stands in for it.
    pub(crate) fn of<'a>(&self, world: &'a World) -> &'a Tenant {
        world.tenant_by_id(self.0).unwrap_or(&world.default_tenant)
    }
}

impl FromRequestParts<App> for InTenant {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let path = path.map_err(|_| Refusal::NOT_FOUND)?;
        let slug = path.get("tenant").map(String::as_str);
        if slug == Some("") {
            return Err(Refusal::NOT_FOUND);
        }
        let world = app.world();
        world.tenant(slug).map(|tenant| Self(tenant.id)).ok_or(Refusal::BAD_REQUEST)
    }
}
