#!/bin/sh
# Associates an instance profile with a running instance, or takes it off again.
#
#     INSTANCE_ID=i-… PROFILE_NAME=… AWS_REGION=… associate-profile.sh associate|disassociate
#
# Looks first and then does what is missing, so that a second run changes nothing; looks
# again afterwards, and fails when the instance is not as it should be. With "associate"
# the instance is also made to demand IMDSv2 (HOP_LIMIT hops, 1 unless given).
#
# Needs the AWS CLI, version 2, and ec2:DescribeIamInstanceProfileAssociations,
# AssociateIamInstanceProfile, ReplaceIamInstanceProfileAssociation,
# DisassociateIamInstanceProfile, DescribeInstances, ModifyInstanceMetadataOptions, and
# iam:PassRole on the profile's role.
set -eu

: "${INSTANCE_ID:?}" "${PROFILE_NAME:?}" "${AWS_REGION:?}"
export AWS_REGION AWS_PAGER=

# "ID NAME" of the association that there is or is coming, or nothing.
association() {
    # No pipe behind the CLI: its failure would be hidden.
    answer=$(aws ec2 describe-iam-instance-profile-associations --output text \
        --filters "Name=instance-id,Values=$INSTANCE_ID" "Name=state,Values=associating,associated" \
        --query 'IamInstanceProfileAssociations[].[AssociationId, IamInstanceProfile.Arn]') || return
    # shellcheck disable=SC2086 # the two words of the line
    set -- $answer
    [ $# -eq 0 ] || echo "$1 ${2##*/}"
}

# "TOKENS HOPS".
metadata() {
    answer=$(aws ec2 describe-instances --output text --instance-ids "$INSTANCE_ID" \
        --query 'Reservations[].Instances[].MetadataOptions.[HttpTokens, HttpPutResponseHopLimit]') || return
    # shellcheck disable=SC2086 # the two words of the line
    echo $answer
}

associate() {
    found=$(association)
    case $found in
        '')
            aws ec2 associate-iam-instance-profile --output text \
                --instance-id "$INSTANCE_ID" --iam-instance-profile "Name=$PROFILE_NAME" >/dev/null
            ;;
        *" $PROFILE_NAME") ;;
        *)
            echo "$INSTANCE_ID has another profile (${found#* }); it is replaced by $PROFILE_NAME" >&2
            aws ec2 replace-iam-instance-profile-association --output text \
                --association-id "${found%% *}" --iam-instance-profile "Name=$PROFILE_NAME" >/dev/null
            ;;
    esac

    wanted="required ${HOP_LIMIT:-1}"
    options=$(metadata)
    if [ "$options" != "$wanted" ]; then
        aws ec2 modify-instance-metadata-options --output text --instance-id "$INSTANCE_ID" \
            --http-endpoint enabled --http-tokens required \
            --http-put-response-hop-limit "${HOP_LIMIT:-1}" >/dev/null
    fi

    found=$(association)
    options=$(metadata)
    if [ "${found#* }" != "$PROFILE_NAME" ] || [ "$options" != "$wanted" ]; then
        echo "$INSTANCE_ID has the profile \"${found#* }\" and metadata options \"$options\" instead of \"$PROFILE_NAME\" and \"$wanted\"" >&2
        exit 1
    fi
}

disassociate() {
    found=$(association)
    case $found in
        *" $PROFILE_NAME")
            aws ec2 disassociate-iam-instance-profile --output text --association-id "${found%% *}" >/dev/null
            ;;
        '') ;;
        *) echo "$INSTANCE_ID has another profile by now (${found#* }); it is left alone" >&2 ;;
    esac
}

case ${1-} in
    associate) associate ;;
    disassociate) disassociate ;;
    *)
        echo "usage: associate-profile.sh associate|disassociate" >&2
        exit 2
        ;;
esac
