//! VPC connections: described and listed; made by tests.

use super::progress::times;
use super::protocol::{Input, Object, Reply, ServiceError};
use super::state::{Common, Kind, State};

pub(super) struct VpcConnection {
    pub(super) common: Common,
}

fn object(state: &State, id: &str, connection: &VpcConnection) -> Object {
    let object = Object::new()
        .text("VPCConnectionId", id)
        .text("Arn", &state.arn(Kind::VpcConnection, id))
        .text("Name", &connection.common.name)
        .text("VPCId", "vpc-0123456789abcdef0")
        .texts("SecurityGroupIds", ["sg-0123456789abcdef0"])
        .text("Status", "CREATION_SUCCESSFUL")
        .text("AvailabilityStatus", "AVAILABLE")
        .text(
            "RoleArn",
            &format!("arn:aws:iam::{}:role/vpc", state.options.account_id),
        );
    times(object, connection.common.created, connection.common.updated)
}

pub(super) fn list(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let all = state
        .vpc_connections
        .iter()
        .map(|(id, connection)| object(state, id, connection).to_string())
        .collect();
    let page = state.page("ListVPCConnections", input, all)?;
    Ok(Reply::ok(
        Object::new()
            .list("VPCConnectionSummaries", page.items)
            .maybe_text("NextToken", page.next.as_deref()),
    ))
}

pub(super) fn describe(state: &State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("VPCConnectionId");
    let connection = state
        .vpc_connections
        .get(id)
        .ok_or_else(|| ServiceError::not_found(Kind::VpcConnection.resource_type(), id))?;
    Ok(
        Reply::ok(Object::new().object("VPCConnection", object(state, id, connection)))
            .showing_status(),
    )
}
