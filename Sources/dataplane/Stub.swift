import CLinux
import Protocol
enum Counter: Int { case accepted, paired, strays, loops, notPrivate, synReceived, synRetransmitted, synDropped, releasedSyn, refusedReset, refusedUnreachable, connectsStarted, connectFailures, connectTimeouts, openNow, openingNow, parkedNow, bytesIn, bytesOut, pipesInUse, pipeExhausted, acceptFailures, framesUnknown, linkErrors, returnedPackets, strayPackets, recordsDropped }
enum ConnectionResult { case ok, resetByClient, resetByTarget, refused, unreachable, timedOut, killed, limit }
enum ConnectionPhase { case opened, closed, listed }
extension Worker {
 @_noAllocation @_noLocks mutating func raiseDemand(_ s: UInt32) {}
 @_noAllocation @_noLocks mutating func markDirty(_ s: UInt32) {}
 @_noAllocation @_noLocks mutating func reportCapacity(_ s: UInt32) {}
 @_noAllocation @_noLocks mutating func reportEndpointFailed(_ s: UInt32,_ i: UInt32, _ e: Int) {}
 @_noAllocation @_noLocks mutating func report(refused s: UInt32,_ r: ConnectionResult) {}
 @_noAllocation @_noLocks mutating func report(connection s: UInt32,_ p: ConnectionPhase, _ r: ConnectionResult) {}
 @_noAllocation @_noLocks mutating func reportActivity() {}
 @_noAllocation @_noLocks mutating func flushLink() {}
 @_noAllocation @_noLocks mutating func acceptControl() {}
 @_noAllocation @_noLocks mutating func linkIsReady(_ s: UInt32, _ i: UInt32) {}
}
