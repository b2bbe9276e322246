"""The exceptions of botocore itself: which error of keyswitch each becomes, and which are bugs on purpose.

A test holds these tables to the list of `botocore.exceptions`, so that a version that adds one is noticed.
"""

from keyswitch.access_key.errors import IamUnavailable, InvalidParameter, KeyswitchError
from keyswitch.iam.codes import REPEAT, SIGN_IN_AGAIN, Make

CREDENTIALS = "credentials"
"""Stands for the action while credentials are found."""

CLIENTS = "clients"
"""Stands for the action while clients are built."""


def no_credentials(action: str, subject: str, said: str) -> KeyswitchError:
    """A file, a variable or a profile that gives no credentials; `subject` names it where the action is CREDENTIALS."""
    where = f" {subject}" if action == CREDENTIALS else ""
    return IamUnavailable(
        f"There are no usable AWS credentials{where}: {said}",
        "Correct that, or choose other credentials (AWS_PROFILE, aws:profile), then repeat",
    )


def wrong_setting(action: str, subject: str, said: str) -> KeyswitchError:
    """A region, an endpoint or another setting that botocore does not take."""
    how = subject if action in (CREDENTIALS, CLIENTS) else f"for {action} {subject}"
    return IamUnavailable(f"AWS cannot be asked as configured {how}: {said}", "Correct the setting, then repeat")


def _not_signed_in(action: str, subject: str, said: str) -> KeyswitchError:
    return IamUnavailable(no_credentials(action, subject, said).what, SIGN_IN_AGAIN)


def _invalid(action: str, subject: str, said: str) -> KeyswitchError:
    return InvalidParameter(f"{action} {subject}: {said}", "Correct the value in the configuration")


def _unreachable(action: str, subject: str, said: str) -> KeyswitchError:
    return IamUnavailable(f"AWS could not be reached for {action} {subject}: {said}", REPEAT)


def _untrusted(action: str, subject: str, said: str) -> KeyswitchError:
    return IamUnavailable(
        f"AWS could not be reached for {action} {subject}: {said}",
        "Check the certificates (AWS_CA_BUNDLE, ca_bundle of the profile), then repeat",
    )


def _no_proxy(action: str, subject: str, said: str) -> KeyswitchError:
    return IamUnavailable(
        f"AWS could not be reached for {action} {subject}: {said}", "Check the proxy (HTTPS_PROXY), then repeat"
    )


_BY_ERROR: dict[Make, tuple[str, ...]] = {
    no_credentials: (
        "ConfigNotFound",
        "ConfigParseError",
        "InfiniteLoopConfigError",
        "InvalidConfigError",
        "MissingDependencyException",
        "NoCredentialsError",
        "PartialCredentialsError",
        "ProfileNotFound",
        "UnknownCredentialError",
        "UnknownTokenProviderError",
    ),
    _not_signed_in: (
        "CredentialRetrievalError",
        "LoginAuthorizationCodeError",
        "LoginError",
        "LoginInsufficientPermissions",
        "LoginRefreshRequired",
        "LoginTokenLoadError",
        "MetadataRetrievalError",
        "NoAuthTokenError",
        "RefreshWithMFAUnsupportedError",
        "SSOError",
        "SSOTokenLoadError",
        "TokenRetrievalError",
        "UnauthorizedSSOTokenError",
    ),
    wrong_setting: (
        "ApiVersionNotFoundError",
        "BaseEndpointResolverError",
        "DataNotFoundError",
        "EndpointProviderError",
        "EndpointResolutionError",
        "EndpointVariantError",
        "InvalidChecksumConfigError",
        "InvalidDefaultsMode",
        "InvalidEndpointConfigurationError",
        "InvalidEndpointDiscoveryConfigurationError",
        "InvalidHostLabelError",
        "InvalidIMDSEndpointError",
        "InvalidIMDSEndpointModeError",
        "InvalidMaxRetryAttemptsError",
        "InvalidProxiesConfigError",
        "InvalidRegionError",
        "InvalidRetryConfigurationError",
        "InvalidRetryModeError",
        "InvalidSTSRegionalEndpointsConfigError",
        "NoRegionError",
        "ServiceNotInRegionError",
        "UnknownEndpointError",
        "UnknownFIPSEndpointError",
        "UnknownRegionError",
        "UnknownSignatureVersionError",
        "UnsupportedSignatureVersionError",
    ),
    _invalid: (
        "AliasConflictParameterError",
        "MissingParametersError",
        "ParamValidationError",
        "RangeError",
        "UnknownKeyError",
        "UnknownParameterError",
        "ValidationError",
    ),
    _unreachable: (
        "BotoCoreError",  # one that a later botocore adds
        "CapacityNotAvailableError",
        "ChecksumError",
        "ConnectTimeoutError",
        "ConnectionClosedError",
        "ConnectionError",
        "EndpointConnectionError",
        "FlexibleChecksumError",
        "HTTPClientError",
        "IncompleteReadError",
        "ReadTimeoutError",
        "ResponseParserError",
        "ResponseStreamingError",
    ),
    _untrusted: ("SSLError",),
    _no_proxy: ("ProxyConnectionError",),
}

EXCEPTIONS: dict[str, Make] = {name: make for make, names in _BY_ERROR.items() for name in names}
"""By the name of botocore's exception; the nearest class counts. By name, as older versions lack some."""

BUGS = frozenset(
    {
        "AwsChunkedWrapperError",
        "InvalidDNSNameError",
        "InvalidExpressionError",
        "InvalidS3AddressingStyleError",
        "InvalidS3UsEast1RegionalEndpointConfigError",
        "MD5UnavailableError",
        "MissingServiceIdError",
        "OperationNotPageableError",
        "PaginationError",
        "StubAssertionError",
        "StubResponseError",
        "UnStubbedResponseError",
        "UndefinedModelAttributeError",
        "UnknownClientMethodError",
        "UnknownEndpointResolutionBuiltInName",
        "UnknownServiceError",
        "UnknownServiceStyle",
        "UnseekableStreamError",
        "UnsupportedOutpostResourceError",
        "UnsupportedS3AccesspointConfigurationError",
        "UnsupportedS3ArnError",
        "UnsupportedS3ConfigurationError",
        "UnsupportedS3ControlArnError",
        "UnsupportedS3ControlConfigurationError",
        "UnsupportedServiceProtocolsError",
        "WaiterConfigError",
        "WaiterError",
    }
)
"""Exceptions of botocore that pass through untouched: they are about other services or misuse, a bug here."""
